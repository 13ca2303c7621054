# What is generated, all under generated/ in the build folder:
#
#   version.h         the project's version
#   rule_list.inc     a LOCKWRIGHT_RULE(name) line for every rules/<name>/rule.cpp
#   embedded.h, .cpp  rules/models/*.json and every rules/<name>/rule.md, as text

set(lw_generated_dir ${PROJECT_BINARY_DIR}/generated)
configure_file(cmake/version.h.in ${lw_generated_dir}/version.h @ONLY)
configure_file(cmake/embedded.h ${lw_generated_dir}/embedded.h COPYONLY)

file(GLOB lw_rule_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/rules rules/*/rule.cpp)
list(SORT lw_rule_sources)
set(lw_rule_list "// Generated: one line for every rules/<name>/rule.cpp.\n")
foreach(source IN LISTS lw_rule_sources)
  get_filename_component(rule ${source} DIRECTORY)
  string(REPLACE "-" "_" rule ${rule})
  string(APPEND lw_rule_list "LOCKWRIGHT_RULE(${rule})\n")
endforeach()
file(CONFIGURE OUTPUT ${lw_generated_dir}/rule_list.inc CONTENT "${lw_rule_list}" @ONLY)

file(GLOB lw_models_files CONFIGURE_DEPENDS rules/models/*.json)
list(FILTER lw_models_files EXCLUDE REGEX "schema\\.json$")
file(GLOB lw_rule_pages CONFIGURE_DEPENDS rules/*/rule.md)
add_custom_command(
  OUTPUT ${lw_generated_dir}/embedded.cpp
  COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${lw_generated_dir}/embedded.cpp" "-DMODELS=${lw_models_files}"
    "-DRULE_PAGES=${lw_rule_pages}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${lw_models_files} ${lw_rule_pages} cmake/embed.cmake cmake/embedded.h
  COMMENT "Embedding models and rule pages"
  VERBATIM)
add_library(lw_embedded STATIC ${lw_generated_dir}/embedded.cpp)
target_include_directories(lw_embedded PUBLIC ${PROJECT_BINARY_DIR})

# Everything of ours may include what is generated; what is written at configuration time needs no waiting.
add_custom_target(lw_generated DEPENDS ${lw_generated_dir}/embedded.cpp)
