// See python_modules.h: the language's part of language_modules.h.
#include "analyzer/cli/python_modules.h"

namespace lockwright::cli {

PythonModules::PythonModules(source::Scan& scan, unsigned jobs)
    : LanguageModules(scan, source::Language::python, jobs), index_(paths()) {}

std::optional<std::string> PythonModules::module_of(std::string_view qualified_name) const {
  return index_.module_of(qualified_name);
}

const std::string& PythonModules::name(std::size_t number) const {
  return index_.name(number);
}

bool PythonModules::is_test(std::size_t number) const {
  return index_.is_test(number);
}

std::optional<std::size_t> PythonModules::number_of(std::string_view module) const {
  return index_.file_of(module);
}

ir::Module PythonModules::parse(std::size_t number, const source::SourceFile& file,
                                frontends::KeptTree* kept) const {
  return frontends::python::parse({.file = file.id(),
                                   .module_name = index_.name(number),
                                   .text = file.text(),
                                   .is_package = index_.is_package(number),
                                   .is_test = index_.is_test(number),
                                   .kept = kept},
                                  index_);
}

}  // namespace lockwright::cli
