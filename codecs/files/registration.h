#pragma once
// Registration data: Responsible Supplier and network operator of each MPxN.

#include "codecs/file_type.h"

namespace s1flow::codecs::registration {

enum Field : std::size_t { mpxn, supplier, network_operator, kFields };

extern const FileType kType;

}  // namespace s1flow::codecs::registration
