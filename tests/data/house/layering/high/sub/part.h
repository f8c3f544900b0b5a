#pragma once
#include <sqlite/db.h>
