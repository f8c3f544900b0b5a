#pragma once
#include <vector>
#include "low/other.h"
#include "table.inc"
// #include "high/top.h" in a comment is none
