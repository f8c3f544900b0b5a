// What a receiver's answer says of the message it was sent.
#pragma once

#include <string_view>

#include "adapters/message.h"
#include "exchange/channel.h"

namespace heyi::exchange {

// Of an acknowledgement in the department's own form.
SendResult ResultOfAcknowledgement(const adapters::Acknowledgement& ack);

// Of an HTTP status whose body is no acknowledgement. https://www.rfc-editor.org/rfc/rfc9110#section-15
SendResult ResultOfStatus(int status);

}  // namespace heyi::exchange
