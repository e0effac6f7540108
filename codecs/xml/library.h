#pragma once
// libxml2's process-wide settings, made once: the parser is initialised, and its loader of external
// entities gives nothing except to a schema that is being compiled, and to that only what its own
// source holds. So no document can make us open a file or a socket.

#include <string>

#include "codecs/xml/schema_model.h"

namespace s1flow::codecs {

// Call before any other use of libxml2 in a thread; cheap when done already. Thread-safe. Throws
// std::bad_alloc.
void prepare_libxml2();
// The thread's part of it alone, for those who have libxml2 read files by their names.
void prepare_libxml2_thread();

// While it lives, this thread's libxml2 may load what `reader` gives; paths are relative to the
// reader's root.
class AllowSchemaLoads {
 public:
  explicit AllowSchemaLoads(const SchemaReader& reader);
  AllowSchemaLoads(const AllowSchemaLoads&) = delete;
  AllowSchemaLoads& operator=(const AllowSchemaLoads&) = delete;
  ~AllowSchemaLoads();
};

}  // namespace s1flow::codecs
