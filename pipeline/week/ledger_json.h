#pragma once
// What the bodies of a ledger's records say. A body that is no JSON object, and a member that is
// not there or of another kind, read as empty or 0: the chain has vouched for the bytes already.

#include <cstdint>
#include <string>
#include <string_view>

namespace boost::json {
class object;
}

namespace s1flow::pipeline {

[[nodiscard]] boost::json::object object_in(std::string_view text);
[[nodiscard]] std::string text_in(const boost::json::object& o, std::string_view key);
[[nodiscard]] std::uint64_t number_in(const boost::json::object& o, std::string_view key);

}  // namespace s1flow::pipeline
