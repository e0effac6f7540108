#pragma once
// The last step of loading a layout: what follows from all of its parts together, and the checks
// that need them all. Used by the layout loader only.

#include "codecs/layout/layout.h"

namespace s1flow::codecs {

// Settles which entry of a group a writer uses for which instance, numbers the columns that share a
// group, and picks a prefix where one is needed. Refuses a layout that has no place for an
// essential field, or that spells a code in a way that the schema does not allow.
[[nodiscard]] Status finish_layout(Layout& layout);

// Whether the schema lets a ds:Signature be the last child of a record.
[[nodiscard]] bool has_room_for_signature(const Layout& layout);

}  // namespace s1flow::codecs
