// Each line below but the first breaks the table.
#include "low/good.h"

#include "high/top.h"
#  include <sqlite/db.h>
#include "tests/x.h"
#include "top.h"
