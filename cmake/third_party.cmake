# Libraries from the system's packages. scripts/setup installs them.

find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)

# fmt comes as a shared library, which costs every start, or header-only, which costs every file 2.5 seconds of
# compilation. Its one implementation file, compiled once, costs neither.
if(fmt_VERSION VERSION_LESS 10)
  add_library(lw_fmt STATIC cmake/fmt.cpp)
  get_target_property(lw_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(lw_fmt SYSTEM PUBLIC ${lw_fmt_include})
else()
  add_library(lw_fmt INTERFACE)
  target_link_libraries(lw_fmt INTERFACE fmt::fmt-header-only)
endif()

# toml++ is used header-only and without exceptions: toml::parse() returns a toml::parse_result.
find_path(LOCKWRIGHT_TOML_INCLUDE toml++/toml.h REQUIRED)
add_library(lw_tomlplusplus INTERFACE)
target_include_directories(lw_tomlplusplus SYSTEM INTERFACE ${LOCKWRIGHT_TOML_INCLUDE})
target_compile_definitions(lw_tomlplusplus INTERFACE
  TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0 TOML_ENABLE_FORMATTERS=0)


# Terms, paths and syntax trees are many small allocations: jemalloc makes a whole run a quarter faster than
# glibc's allocator does. Only where it can be linked in; without it everything works the same.
if(LOCKWRIGHT_STATIC)
  find_library(LOCKWRIGHT_JEMALLOC NAMES libjemalloc_pic.a libjemalloc.a)
  find_package(Threads REQUIRED)
endif()
