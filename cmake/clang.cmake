# Clang, from Debian's packages libclang-19-dev and llvm-19-dev; without them, C and C++ are read by the
# syntactic frontend alone.
#
# Linked statically, and no more of it than parsing needs: shared libraries cost 40 ms at every start.

option(LOCKWRIGHT_CLANG "Read C and C++ with Clang, where it is installed" ON)
set(LOCKWRIGHT_LLVM /usr/lib/llvm-19 CACHE PATH "Where Clang 19 is installed")
set(lw_llvm ${LOCKWRIGHT_LLVM})
set(lw_has_clang OFF)
find_library(LOCKWRIGHT_ZLIB NAMES libz.a z)
find_library(LOCKWRIGHT_ZSTD NAMES libzstd.a zstd)
if(LOCKWRIGHT_CLANG AND LOCKWRIGHT_ZLIB AND LOCKWRIGHT_ZSTD AND EXISTS ${lw_llvm}/lib/libclangFrontend.a AND EXISTS ${lw_llvm}/bin/llvm-config)
  set(lw_has_clang ON)
  execute_process(COMMAND ${lw_llvm}/bin/llvm-config --link-static --libfiles frontendopenmp option targetparser
    support core windowsdriver
    OUTPUT_VARIABLE lw_llvm_libraries OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE lw_llvm_failed)
  if(lw_llvm_failed)
    set(lw_has_clang OFF)
  endif()
endif()
if(lw_has_clang)
  separate_arguments(lw_llvm_libraries)
  set(lw_clang_libraries "")
  foreach(name Frontend Driver Serialization Parse Sema Analysis AnalysisLifetimeSafety Edit APINotes AST ASTMatchers
      Support Lex Basic)
    if(EXISTS ${lw_llvm}/lib/libclang${name}.a)
      list(APPEND lw_clang_libraries ${lw_llvm}/lib/libclang${name}.a)
    endif()
  endforeach()
  add_library(lw_clang INTERFACE)
  target_include_directories(lw_clang SYSTEM INTERFACE ${lw_llvm}/include)
  target_compile_definitions(lw_clang INTERFACE LOCKWRIGHT_CLANG_RESOURCES="${lw_llvm}/lib/clang/19")
  target_link_options(lw_clang INTERFACE -Wl,--gc-sections)
  target_link_libraries(lw_clang INTERFACE ${lw_clang_libraries} ${lw_llvm_libraries} ${LOCKWRIGHT_ZLIB} ${LOCKWRIGHT_ZSTD} ${CMAKE_DL_LIBS} m)
else()
  message(STATUS "Clang 19 is not installed: C and C++ are read without types (scripts/setup installs it)")
endif()

# lw_clang_stage(NAME FOLDER SEES STAGE...): a stage that needs Clang, or FOLDER/missing in its place.
function(lw_clang_stage name folder)
  cmake_parse_arguments(stage "" "" "SEES" ${ARGN})
  if(lw_has_clang)
    lw_stage(${name} ${folder} OWN_HEADERS SEES ${stage_SEES} USES lw_clang)
    # Clang's libraries are not built for it, and what their headers bring makes every link long.
    set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
    # All of its files want the same two hundred thousand lines of headers: they are read once.
    target_precompile_headers(${name} PRIVATE <clang/AST/ASTContext.h> <clang/AST/DeclTemplate.h> <clang/AST/ExprCXX.h>
      <clang/AST/StmtCXX.h>)
    # GCC sees null pointers in what it inlines from Clang's headers.
    target_compile_options(${name} PRIVATE -Wno-nonnull)
    if(LOCKWRIGHT_SANITIZE)
      # LLVM's headers would poison memory that its libraries, which know nothing of that, write to.
      target_compile_options(${name} PRIVATE -U__SANITIZE_ADDRESS__)
      target_compile_definitions(${name} PRIVATE LOCKWRIGHT_SANITIZED)
    endif()
  else()
    lw_stage(${name} ${folder}/missing SEES ${stage_SEES})
  endif()
endfunction()
