#pragma once
// ByteSink takes the bytes of a result as they are made. Whether and where they appear is decided
// by whoever gives it; an Error ends the work that makes them.

#include <functional>
#include <string_view>

#include "core/result.h"

namespace s1flow {

using ByteSink = std::function<Status(std::string_view)>;

}  // namespace s1flow
