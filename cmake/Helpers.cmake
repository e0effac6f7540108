# For code that runs once or only asserts: what optimising it costs to compile is never earned back.
function(s1flow_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)
endfunction()

# Headers that nearly every source of a target reads are read once for all of them. What a source
# uses it includes itself all the same; builds without S1FLOW_PCH (the dev preset) see to that.
#   s1flow_precompile(TARGET core/result.h <gtest/gtest.h>)
function(s1flow_precompile target)
  if(NOT S1FLOW_PCH)
    return()
  endif()
  set(headers ${ARGN})
  list(TRANSFORM headers PREPEND "${PROJECT_SOURCE_DIR}/" REGEX "^[^<]")
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <cstdint> <filesystem> <functional> <map> <memory>
    <optional> <span> <string> <string_view> <utility> <vector> <fmt/format.h> ${headers})
endfunction()

# One library per folder; sources are listed by the caller.
#   s1flow_library(NAME core SOURCES a.cpp ... PUBLIC fmt::fmt PRIVATE LibXml2::LibXml2 PRECOMPILE core/result.h)
function(s1flow_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  add_library(s1flow_${ARG_NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(s1flow_${ARG_NAME}
    PUBLIC s1flow_settings ${ARG_PUBLIC}
    PRIVATE s1flow_warnings ${ARG_PRIVATE})
  s1flow_precompile(s1flow_${ARG_NAME} ${ARG_PRECOMPILE})
endfunction()

#   s1flow_add_test(NAME core_tests LABEL unit SOURCES a_test.cpp ... LIBS s1flow_core)
function(s1flow_add_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL" "SOURCES;LIBS;PRECOMPILE" ${ARGN})
  add_executable(s1flow_${ARG_NAME} ${ARG_SOURCES})
  s1flow_compile_quickly(s1flow_${ARG_NAME})
  list(LENGTH ARG_SOURCES sources)
  if(sources GREATER 3)
    s1flow_precompile(s1flow_${ARG_NAME} core/result.h <gtest/gtest.h> ${ARG_PRECOMPILE})
  endif()
  target_link_libraries(s1flow_${ARG_NAME} PRIVATE s1flow_warnings s1flow_test_warnings ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(s1flow_${ARG_NAME} PRIVATE S1FLOW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${ARG_NAME} COMMAND s1flow_${ARG_NAME})
  # tests/tally.py counts the cases of a program from this file.
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${S1FLOW_TEST_SECONDS}
    ENVIRONMENT "GTEST_OUTPUT=json:${PROJECT_BINARY_DIR}/test-results/${ARG_NAME}.json")
endfunction()

# A test that is a Python script under tests/. It may end with `cases: N passed, M failed, K skipped`;
# without such a line it counts as one case.
#   s1flow_add_script_test(NAME cli_cases LABEL golden SCRIPT run_cases.py ARGS --jobs 2)
function(s1flow_add_script_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL;SCRIPT" "ARGS" ${ARGN})
  add_test(NAME ${ARG_NAME}
    COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/${ARG_SCRIPT}" ${ARG_ARGS})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${S1FLOW_TEST_SECONDS}
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endfunction()

# Snippets under tests/compile_fail/ that the compiler has to refuse; see run.py there.
#   s1flow_add_compile_fail(SNIPPETS discarded_status.cpp ...)
function(s1flow_add_compile_fail)
  cmake_parse_arguments(ARG "" "" "SNIPPETS" ${ARGN})
  set(command "${CMAKE_CXX_COMPILER}" -std=c++20 "-I${PROJECT_SOURCE_DIR}" -Werror=unused-result)
  foreach(snippet IN LISTS ARG_SNIPPETS)
    get_filename_component(name "${snippet}" NAME_WE)
    s1flow_add_script_test(NAME compile_fail.${name} LABEL unit SCRIPT compile_fail/run.py
      ARGS "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/${snippet}" -- ${command})
  endforeach()
  s1flow_add_script_test(NAME compile_fail.self_test LABEL unit SCRIPT compile_fail/run.py
    ARGS --self-test -- ${command})
endfunction()

# A fuzz target: tests/fuzz/<NAME>.cpp with LLVMFuzzerTestOneInput. In the fuzz preset it is linked
# against libFuzzer; in all others it has a main() that replays tests/fuzz/corpus/<NAME>/ as a test.
#   s1flow_add_fuzzer(NAME csv LIBS s1flow_fuzz_reading)
function(s1flow_add_fuzzer)
  cmake_parse_arguments(ARG "" "NAME" "LIBS" ${ARGN})
  set(target s1flow_fuzz_${ARG_NAME})
  add_executable(${target} fuzz/${ARG_NAME}.cpp)
  target_link_libraries(${target} PRIVATE s1flow_warnings ${ARG_LIBS})
  if(S1FLOW_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(arguments -runs=0)
  else()
    target_sources(${target} PRIVATE fuzz/replay.cpp)
  endif()
  add_test(NAME fuzz.${ARG_NAME}
    COMMAND ${target} ${arguments} "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${ARG_NAME}")
  set_tests_properties(fuzz.${ARG_NAME} PROPERTIES LABELS fuzz TIMEOUT ${S1FLOW_TEST_SECONDS})
endfunction()

#   s1flow_add_bench(NAME codecs SOURCES a_bench.cpp LIBS s1flow_codecs)
function(s1flow_add_bench)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBS" ${ARGN})
  add_executable(s1flow_bench_${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(s1flow_bench_${ARG_NAME} PRIVATE s1flow_warnings ${ARG_LIBS} benchmark::benchmark_main)
  # That it still runs, and that its answers are right.
  if(S1FLOW_TESTS AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT S1FLOW_SANITIZE)
    s1flow_add_script_test(NAME bench.${ARG_NAME} LABEL slow SCRIPT bench_runs.py ARGS $<TARGET_FILE:s1flow_bench_${ARG_NAME}>)
  endif()
endfunction()
