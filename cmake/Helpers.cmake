# One library per folder; sources are listed by the caller.
#   s1flow_library(NAME core SOURCES a.cpp ... PUBLIC fmt::fmt PRIVATE LibXml2::LibXml2)
function(s1flow_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(s1flow_${ARG_NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(s1flow_${ARG_NAME}
    PUBLIC s1flow_settings ${ARG_PUBLIC}
    PRIVATE s1flow_warnings ${ARG_PRIVATE})
endfunction()

#   s1flow_add_test(NAME core_tests LABEL unit SOURCES a_test.cpp ... LIBS s1flow_core)
function(s1flow_add_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL" "SOURCES;LIBS" ${ARGN})
  add_executable(s1flow_${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(s1flow_${ARG_NAME} PRIVATE s1flow_warnings s1flow_test_warnings ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(s1flow_${ARG_NAME} PRIVATE S1FLOW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${ARG_NAME} COMMAND s1flow_${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABEL}")
endfunction()

#   s1flow_add_bench(NAME codecs SOURCES a_bench.cpp LIBS s1flow_codecs)
function(s1flow_add_bench)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBS" ${ARGN})
  add_executable(s1flow_bench_${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(s1flow_bench_${ARG_NAME} PRIVATE s1flow_warnings ${ARG_LIBS} benchmark::benchmark_main)
endfunction()
