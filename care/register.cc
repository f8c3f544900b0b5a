#include "care/care.h"
#include "care/free_beds.h"
#include "care/leave_bed.h"
#include "care/transition.h"

namespace heyi::care {

void RegisterOperations(interaction::Operations& operations, const Rules& rules) {
  operations.Register(MakeTransition(rules));
  operations.Register(MakeFreeBeds());
  operations.Register(MakeLeaveBed());
}

}  // namespace heyi::care
