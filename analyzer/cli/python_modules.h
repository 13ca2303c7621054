// The Python modules of a run.
#pragma once

#include "analyzer/cli/language_modules.h"
#include "analyzer/frontends/python/module_index.h"

namespace lockwright::cli {

class PythonModules final : public LanguageModules {
 public:
  PythonModules(source::Scan& scan, unsigned jobs);

  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const override;

 private:
  [[nodiscard]] const std::string& name(std::size_t number) const override;
  [[nodiscard]] bool is_test(std::size_t number) const override;
  [[nodiscard]] std::optional<std::size_t> number_of(std::string_view module) const override;
  [[nodiscard]] ir::Module parse(std::size_t number, const source::SourceFile& file,
                                 frontends::KeptTree* kept) const override;

  frontends::python::ModuleIndex index_;
};

}  // namespace lockwright::cli
