# How one stage of the pipeline becomes one library.

include(CheckIPOSupported)
if(LOCKWRIGHT_LTO)
  check_ipo_supported(RESULT lw_lto_works OUTPUT lw_lto_why LANGUAGES C CXX)
  if(lw_lto_works)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "Without link-time optimization: ${lw_lto_why}")
  endif()
endif()

find_package(Threads REQUIRED)

# What every file of ours is compiled with. Third-party code never sees it.
add_library(lw_options INTERFACE)
target_include_directories(lw_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(lw_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Werror)
target_link_libraries(lw_options INTERFACE Threads::Threads)
if(LOCKWRIGHT_SANITIZE)
  # -Wmaybe-uninitialized sees ghosts in instrumented code. What the checks left out would find, the address sanitizer
  # finds too (a null or dangling pointer) or the machine does not mind (alignment); they are a third of the compile time.
  target_compile_options(lw_options INTERFACE
    -fsanitize=${LOCKWRIGHT_SANITIZE} -fno-sanitize=null,object-size,alignment -fno-sanitize-recover=all
    -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  target_link_options(lw_options INTERFACE -fsanitize=${LOCKWRIGHT_SANITIZE})
endif()

# What nearly every file of ours includes, read once where everything is built at once: half of the compile time. Not in
# daily work (compiler caches do not like it), and not by clang-tidy, which so sees a file that includes too little.
# nlohmann/json.hpp is not among them: GCC instantiates templates of it anew in every file, for half a second.
set(lw_headers <algorithm> <array> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
if(LOCKWRIGHT_PCH)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/pch.cpp CONTENT "" @ONLY)
  add_library(lw_pch STATIC ${PROJECT_BINARY_DIR}/generated/pch.cpp)
  target_link_libraries(lw_pch PRIVATE lw_options lw_fmt)
  target_precompile_headers(lw_pch PRIVATE ${lw_headers})
endif()

# lw_stage(NAME FOLDER [OWN_HEADERS] [SEES STAGE...] [USES LIBRARY...])
#
# NAME is built from FOLDER/*.cpp (and, for rules, FOLDER/*/rule.cpp). SEES are the stages whose headers it
# may include, with what those see in turn; USES are libraries that stay its own business. OWN_HEADERS: it precompiles
# others than the rest. A folder without sources is a library of headers only.
function(lw_stage name folder)
  cmake_parse_arguments(stage "OWN_HEADERS" "" "SEES;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp
    ${PROJECT_SOURCE_DIR}/${folder}/*/rule.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC lw_options lw_fmt ${stage_SEES} PRIVATE ${stage_USES})
    add_dependencies(${name} lw_generated)
    if(LOCKWRIGHT_PCH AND NOT stage_OWN_HEADERS)
      target_precompile_headers(${name} REUSE_FROM lw_pch)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE lw_options lw_fmt ${stage_SEES})
  endif()
  list(JOIN stage_SEES "\", \"" sees)
  if(sees)
    set(sees "\"${sees}\"")
  endif()
  set_property(GLOBAL APPEND PROPERTY lw_stages
    "  \"${name}\": {\"folder\": \"${folder}\", \"sees\": [${sees}]}")
endfunction()

# What the stages said, for the check that no file includes a header of a stage it may not see.
function(lw_write_stages file)
  get_property(stages GLOBAL PROPERTY lw_stages)
  list(JOIN stages ",\n" text)
  file(CONFIGURE OUTPUT ${file} CONTENT "{\n${text}\n}\n" @ONLY)
endfunction()
