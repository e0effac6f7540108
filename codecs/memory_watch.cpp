#include "codecs/memory_watch.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include <execinfo.h>
#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>

#include "core/check.h"
#include "core/trouble.h"

namespace s1flow::codecs {
namespace {

void* watched(void* block, std::size_t size) {
  if (block == nullptr && size != 0) note_out_of_memory();
  return block;
}

// libxml2 2.9 does not look at what it gets everywhere: its compiler of regular expressions follows
// the null pointer. So the program ends where there is no memory, not somewhere behind.
void* or_end(void* block, std::size_t size) {
  if (watched(block, size) == nullptr && size != 0) std::abort();
  return block;
}
void* xml_malloc(std::size_t size) {
  return or_end(std::malloc(size), size);
}
void* xml_realloc(void* block, std::size_t size) {
  return or_end(std::realloc(block, size), size);
}
char* xml_strdup(const char* text) {
  const std::size_t size = std::strlen(text) + 1;
  return static_cast<char*>(std::memcpy(xml_malloc(size), text, size));
}

void* openssl_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  return size == 0 ? nullptr : watched(std::malloc(size), size);
}
void* openssl_realloc(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
  if (size != 0) return watched(std::realloc(block, size), size);
  std::free(block);
  return nullptr;
}
void openssl_free(void* block, const char* /*file*/, int /*line*/) {
  std::free(block);
}

}  // namespace

void watch_memory() {
  // OpenSSL takes them before its first allocation only.
  S1FLOW_CHECK(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1);
  S1FLOW_CHECK(xmlMemSetup(std::free, xml_malloc, xml_realloc, xml_strdup) == 0);
  // An exception that leaves std::call_once passes through the C library, which loads what it needs
  // for that when it is first needed and ends the program when it cannot.
  void* frame = nullptr;
  (void)::backtrace(&frame, 1);
}

}  // namespace s1flow::codecs

namespace {
template <typename Allocate>
void* or_note(Allocate allocate) noexcept {
  try {
    return allocate();
  } catch (const std::bad_alloc&) {
    s1flow::note_out_of_memory();
    return nullptr;
  }
}
}  // namespace

// The forms that give null instead of throwing, of the whole program: as the standard library has
// them, but not silent.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return or_note([size] { return ::operator new(size); });
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return or_note([size] { return ::operator new[](size); });
}
