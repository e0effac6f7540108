#pragma once
// Names that DUIS messages have: namespaces and the schema version that is written.

#include <string_view>

namespace s1flow::codecs::duis {

inline constexpr std::string_view kServiceUserNamespace =
    "http://www.dccinterface.co.uk/ServiceUserGateway";
inline constexpr std::string_view kResponseAndAlertNamespace =
    "http://www.dccinterface.co.uk/ResponseAndAlert";
inline constexpr std::string_view kSchemaVersion = "5.4";

}  // namespace s1flow::codecs::duis
