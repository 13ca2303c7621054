// The TypeScript and JavaScript modules of a run.
#pragma once

#include <vector>

#include "analyzer/cli/language_modules.h"
#include "analyzer/frontends/typescript/module_index.h"

namespace lockwright::cli {

class TypeScriptModules final : public LanguageModules {
 public:
  /// Reads the tree's package.json and tsconfig.json files; what is wrong with one is added to `notes`.
  TypeScriptModules(source::Scan& scan, const source::DiscoveryOptions& discovery,
                    std::vector<source::Note>& notes);

  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const override;
  [[nodiscard]] std::vector<std::string> import_words(std::string_view module) const override;
  [[nodiscard]] std::string_view star() const override;

 private:
  [[nodiscard]] const std::string& name(std::size_t number) const override;
  [[nodiscard]] bool is_test(std::size_t number) const override;
  [[nodiscard]] std::optional<std::size_t> number_of(std::string_view module) const override;
  [[nodiscard]] ir::Module parse(std::size_t number, const source::SourceFile& file,
                                 frontends::KeptTree* kept) const override;

  frontends::typescript::ModuleIndex index_;
};

}  // namespace lockwright::cli
