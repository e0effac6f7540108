#pragma once
// Lets s1flow::out_of_memory_seen() know of allocations that fail inside libxml2 and OpenSSL, and
// of those whose failure C++ code may pass over (simdjson's).

namespace s1flow::codecs {

// To be called before any other use of these libraries, once; secret memory is a use of OpenSSL.
// Without it everything works, but memory that runs out may look like bad data, and libxml2 may
// crash. With it, libxml2 ends the program through std::abort(), after out_of_memory_seen() is set.
void watch_memory();

}  // namespace s1flow::codecs
