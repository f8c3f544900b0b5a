// The effects there are; table.cc says which message has which.
#pragma once

#include "exchange/effects/effect.h"

namespace heyi::exchange {

base::Result<base::Done> MoveReferral(EffectContext& context);       // referral.cc
base::Result<base::Done> Arrive(EffectContext& context);             // referral.cc
base::Result<base::Done> Discharge(EffectContext& context);          // referral.cc
base::Result<base::Done> Admit(EffectContext& context);              // insurance.cc
base::Result<base::Done> AnswerPersonQuery(EffectContext& context);  // insurance.cc
base::Result<base::Done> KeepDocument(EffectContext& context);       // document.cc
base::Result<base::Done> MergePatients(EffectContext& context);      // identity.cc
base::Result<base::Done> PartPatients(EffectContext& context);       // identity.cc

}  // namespace heyi::exchange
