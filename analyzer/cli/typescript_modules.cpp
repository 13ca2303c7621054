// See typescript_modules.h: the language's part of language_modules.h. The files that say what imports mean
// are no source: they are read here, past the scan, and only in runs that have TypeScript to analyse.
#include "analyzer/cli/typescript_modules.h"

#include "analyzer/source/file_reader.h"
#include "analyzer/source/walk.h"

namespace lockwright::cli {
namespace {

constexpr std::size_t max_configuration_bytes = 1'000'000;

frontends::typescript::ModuleIndex index_of(const std::vector<std::string_view>& paths,
                                            const std::string& directory, std::vector<source::Note>& notes) {
  source::FileReader reader(max_configuration_bytes);
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    const std::string place = path.starts_with('/') ? path : source::join_path(directory, path);
    const source::Result<std::string_view> text = reader.read(place);
    if (!text) return std::nullopt;  // mostly: there is none
    return std::string(*text);
  };
  const auto complain = [&](const std::string& path, const std::string& message) {
    notes.push_back({.path = path, .line = std::nullopt, .message = message});
  };
  return {paths, read, complain};
}

}  // namespace

TypeScriptModules::TypeScriptModules(source::Scan& scan, const source::DiscoveryOptions& discovery,
                                     std::vector<source::Note>& notes)
    : LanguageModules(scan, source::Language::typescript, discovery.jobs),
      index_(index_of(paths(), discovery.working_directory, notes)) {}

std::optional<std::string> TypeScriptModules::module_of(std::string_view qualified_name) const {
  return index_.module_of(qualified_name);
}

std::vector<std::string> TypeScriptModules::import_words(std::string_view module) const {
  return index_.import_words(module);
}

std::string_view TypeScriptModules::star() const {
  return "export *";
}

const std::string& TypeScriptModules::name(std::size_t number) const {
  return index_.name(number);
}

bool TypeScriptModules::is_test(std::size_t number) const {
  return index_.is_test(number);
}

std::optional<std::size_t> TypeScriptModules::number_of(std::string_view module) const {
  return index_.file_of(module);
}

ir::Module TypeScriptModules::parse(std::size_t number, const source::SourceFile& file,
                                    frontends::KeptTree* kept) const {
  return frontends::typescript::parse({.file = file.id(),
                                       .module_name = index_.name(number),
                                       .text = file.text(),
                                       .is_test = index_.is_test(number),
                                       .is_tsx = index_.is_tsx(number),
                                       .kept = kept},
                                      index_);
}

}  // namespace lockwright::cli
