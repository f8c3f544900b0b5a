#pragma once
#include "high/sub/part.h"
#include "low/good.h"
