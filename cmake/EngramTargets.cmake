# How every folder declares what it builds: one library a folder, explicit sources, warnings as
# errors in our own code and none from third-party headers (those are SYSTEM includes).

find_program(ENGRAM_CCACHE ccache)
if(ENGRAM_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${ENGRAM_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ENGRAM_CCACHE})
endif()
find_program(ENGRAM_MOLD mold)
if(ENGRAM_MOLD AND NOT ENGRAM_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()
if(ENGRAM_SANITIZE)
  add_compile_options(-fsanitize=${ENGRAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ENGRAM_SANITIZE})
endif()

add_library(engram_warnings INTERFACE)
target_compile_options(engram_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Werror>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:Clang>>:-Wthread-safety>
  # A batch makes unnamed namespaces of one source look as if they were a header's.
  $<$<AND:$<BOOL:${ENGRAM_BATCHES}>,$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  # GCC bug 105651, mended in 13: "literal" + std::string is taken for an overlapping copy.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# engram_batches(<target> [ALONE a.cpp...]), where ENGRAM_BATCHES is on: compiles about eight sources of
# the target as one (CMake's unity build), which reads the headers once for all of them: the second
# compiler, the sanitizers and clang-tidy take a third of the time. A build that is changed all day goes
# without (the preset dev). A source's batch is by its name, so
# that a new source changes one batch alone. What this asks: names in the unnamed namespaces of one batch
# differ (the compiler says `redefinition of`: rename one, or put the file in the target's ALONE).
# Generated sources stay alone.
function(engram_batches name)
  cmake_parse_arguments(ARG "" "" "ALONE" ${ARGN})
  get_target_property(sources ${name} SOURCES)
  list(LENGTH sources total)
  if(NOT ENGRAM_BATCHES OR total LESS 3)
    return()
  endif()
  set(batches 1)
  while(total GREATER 10)
    math(EXPR batches "${batches} * 2")
    math(EXPR total "${total} / 2")
  endwhile()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(source IN LISTS sources)
    string(MD5 hash "${source}")
    string(SUBSTRING "${hash}" 0 4 hash)
    math(EXPR batch "0x${hash} % ${batches}")
    if(NOT source IN_LIST ARG_ALONE AND NOT IS_ABSOLUTE "${source}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${batch})
    endif()
  endforeach()
endfunction()

# engram_library(<folder> SOURCES a.cpp... [PUBLIC lib...] [PRIVATE lib...] [ALONE a.cpp...])
# makes the target engram_<folder>. Layers hold because third-party libraries are PRIVATE.
function(engram_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE;ALONE" ${ARGN})
  add_library(engram_${name} STATIC ${ARG_SOURCES})
  target_include_directories(engram_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(engram_${name} PUBLIC ${ARG_PUBLIC} PRIVATE engram_warnings ${ARG_PRIVATE})
  engram_batches(engram_${name} ALONE ${ARG_ALONE})
endfunction()

function(engram_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PRIVATE;ALONE" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE engram_warnings ${ARG_PRIVATE})
  engram_batches(${name} ALONE ${ARG_ALONE})
endfunction()

# The program's malloc becomes mimalloc's: an index run, nearly all of it small tree nodes, takes 7 %
# less processor time. The sanitizers watch the C library's allocator alone.
function(engram_fast_allocator name)
  if(NOT ENGRAM_SANITIZE)
    target_link_libraries(${name} PRIVATE -Wl,--no-as-needed mimalloc -Wl,--as-needed)
  endif()
endfunction()
