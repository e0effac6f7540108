# Build settings as interface targets: nothing here changes global flags.
#   s1flow_settings  language level, includes from the repository root, sanitizers, coverage
#   s1flow_warnings  warnings for our own code (third-party headers are SYSTEM)

option(S1FLOW_WERROR "Treat warnings as errors" OFF)
option(S1FLOW_PCH "Read common headers once for all sources of a target" ON)
option(S1FLOW_TESTS "Build the tests" ON)
option(S1FLOW_BENCH "Build the benchmarks" ON)
option(S1FLOW_COVERAGE "Instrument for gcov" OFF)
set(S1FLOW_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
option(S1FLOW_FUZZ "Link the fuzz targets against libFuzzer (clang only)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(S1FLOW_CCACHE ccache)
if(S1FLOW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache has to be told that dates in precompiled headers do not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${S1FLOW_CCACHE}")
endif()

add_library(s1flow_settings INTERFACE)
target_compile_features(s1flow_settings INTERFACE cxx_std_20)
target_include_directories(s1flow_settings INTERFACE "${PROJECT_SOURCE_DIR}")
# Frame pointers take 2.5 % of a check's time; unwinding does without them where there are tables.
target_compile_options(s1flow_settings INTERFACE $<$<CONFIG:Debug>:-Og>)
# Checks that the library makes on indices and empty containers, in every build: the files read are
# hostile until proved otherwise. Sanitizers bring their own in place of the rest.
target_compile_definitions(s1flow_settings INTERFACE _GLIBCXX_ASSERTIONS)
if(NOT S1FLOW_SANITIZE)
  target_compile_options(s1flow_settings INTERFACE -fstack-protector-strong)
  target_compile_definitions(s1flow_settings INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  target_link_options(s1flow_settings INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
# How long a test may take before it counts as hung; sanitizers make it ten times slower.
set(S1FLOW_TEST_SECONDS 600)
if(S1FLOW_SANITIZE)
  target_compile_options(s1flow_settings INTERFACE -fno-omit-frame-pointer)
  set(S1FLOW_TEST_SECONDS 3000)
  string(REPLACE "," ";" s1flow_sanitizers "${S1FLOW_SANITIZE}")
  foreach(sanitizer IN LISTS s1flow_sanitizers)
    target_compile_options(s1flow_settings INTERFACE -fsanitize=${sanitizer})
    target_link_options(s1flow_settings INTERFACE -fsanitize=${sanitizer})
  endforeach()
  target_compile_options(s1flow_settings INTERFACE -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND S1FLOW_SANITIZE MATCHES "thread")
    # Clang links its replacements of operator new as objects, beside ours.
    target_link_options(s1flow_settings INTERFACE -Wl,-z,muldefs)
  endif()
endif()
# Coverage feedback for libFuzzer; only the targets themselves are linked with its main().
if(S1FLOW_FUZZ)
  target_compile_options(s1flow_settings INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(s1flow_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(S1FLOW_COVERAGE)
  target_compile_options(s1flow_settings INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(s1flow_settings INTERFACE --coverage)
endif()

if(S1FLOW_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(s1flow_settings INTERFACE -fpch-preprocess)  # so that ccache can go with them
elseif(S1FLOW_PCH)
  target_compile_options(s1flow_settings INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

add_library(s1flow_warnings INTERFACE)
target_compile_options(s1flow_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-align -Woverloaded-virtual -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports null dereferences, overlapping copies and sizes of 2^63 inside inlined library code
  # when optimising (its bugs 105651 and 105329 for strings).
  target_compile_options(s1flow_warnings INTERFACE -Wduplicated-cond -Wlogical-op -Wno-null-dereference
    -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(S1FLOW_WERROR)
  target_compile_options(s1flow_warnings INTERFACE -Werror)
endif()

# GoogleTest's INSTANTIATE_TEST_SUITE_P shadows its own parameter.
add_library(s1flow_test_warnings INTERFACE)
target_compile_options(s1flow_test_warnings INTERFACE -Wno-shadow)
