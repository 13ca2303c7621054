// The C and C++ modules of a run.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/cli/cpp_commands.h"
#include "analyzer/cli/kept_reads.h"
#include "analyzer/cli/language_modules.h"
#include "analyzer/frontends/cpp/frontend.h"
#include "analyzer/frontends/cpp/include_index.h"
#include "analyzer/models/model.h"

namespace lockwright::cli {

/// A module is a file. Before one is parsed, the files of the tree that it includes are asked what they
/// declare, and they become modules as well: their classes are what its objects are of.
class CppModules final : public LanguageModules, private frontends::cpp::KnownTypes {
 public:
  CppModules(source::Scan& scan, const models::Models& models, const source::DiscoveryOptions& discovery,
             const CppOptions& options, std::vector<source::Note>& notes);

  std::vector<ir::Module> parse(const std::vector<std::string>& modules) override;
  ir::Module parse_file(source::FileId file) override;
  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const override;
  [[nodiscard]] std::optional<std::string> definitions_of(std::string_view type) const override;
  [[nodiscard]] std::vector<std::string> import_words(std::string_view module) const override;
  [[nodiscard]] std::string_view star() const override;

 private:
  /// What is known of a file once it has been looked at.
  struct Known {
    std::shared_ptr<const frontends::cpp::Declarations> declarations;
    std::vector<std::size_t> includes;  ///< files of the tree, in order
    std::vector<std::size_t> reached;   ///< those, and what they include in turn
    IncludeRoots roots;                 ///< where its own includes were found
    bool complete = true;               ///< all that it includes in quotes is in the tree
  };

  [[nodiscard]] const std::string& name(std::size_t number) const override;
  [[nodiscard]] bool is_test(std::size_t number) const override;
  [[nodiscard]] std::optional<std::size_t> number_of(std::string_view module) const override;
  [[nodiscard]] bool is_slow(std::size_t number) const override { return settled_.contains(number); }
  [[nodiscard]] ir::Module parse(std::size_t number, const source::SourceFile& file,
                                 frontends::KeptTree* kept) const override;
  [[nodiscard]] bool is_made(std::string_view type) const override;
  [[nodiscard]] bool is_value(std::string_view type) const override;

  /// How Clang is to read a file.
  struct Settled {
    frontends::compiler::Command command;
    std::uint64_t texts = 0;  ///< tells the texts of the file and of what it includes from others
  };

  [[nodiscard]] std::uint64_t texts_of(std::size_t number);
  void settle_commands(const std::vector<std::size_t>& numbers);
  [[nodiscard]] std::string absolute(std::size_t number) const;
  void look_at(const std::vector<std::size_t>& numbers);
  void reach(std::size_t number);
  void declare(std::size_t number);
  [[nodiscard]] frontends::cpp::Input input_of(std::size_t number, const source::SourceFile& file) const;

  const models::Models& models_;
  source::Prefilter lock_words_;  ///< what locking is written with
  frontends::cpp::IncludeIndex index_;
  std::unordered_map<std::size_t, Known> known_;
  CppOptions options_;
  std::string directory_;  ///< the working directory
  std::vector<source::Note>& notes_;
  mutable std::mutex noting_;
  CppCommands commands_;
  std::map<std::size_t, Settled> settled_;  ///< the files that Clang reads
  std::unordered_map<std::size_t, std::uint64_t> text_hashes_;
  std::set<std::size_t> asked_for_;  ///< not only included by others
  /// Which file declares a class or a function: by its qualified name.
  std::unordered_map<std::string, std::size_t> declared_in_;
};

}  // namespace lockwright::cli
