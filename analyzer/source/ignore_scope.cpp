// Git's ignore files form a stack: a directory's own .gitignore is asked first, then its parent's, up to the
// root of the repository, where .git/info/exclude is asked last. A repository inside another starts a stack
// of its own. `.ignore` files (ripgrep's, for what is tracked but not worth reading) are a second stack on
// top.
#include "analyzer/source/ignore_scope.h"

#include <sys/stat.h>

#include <algorithm>

#include "analyzer/source/file_reader.h"

namespace lockwright::source {
namespace {

constexpr std::size_t kMaxIgnoreFileBytes = 1'000'000;

bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

IgnoreRules read_rules(const std::string& path, const std::string& display, std::vector<Note>& notes) {
  if (!is_file(path)) return {};
  FileReader reader(kMaxIgnoreFileBytes);
  const Result<std::string_view> text = reader.read(path);
  if (text) return IgnoreRules(*text);
  notes.push_back({NoteKind::warning, display, std::nullopt, text.error().message});
  return {};
}

std::string first_line_after(const std::string& path, std::string_view prefix) {
  FileReader reader(kMaxIgnoreFileBytes);
  const Result<std::string_view> text = reader.read(path);
  if (!text || !text->starts_with(prefix)) return {};
  const std::string_view line = text->substr(prefix.size());
  return std::string(line.substr(0, line.find_first_of("\r\n")));
}

std::string resolve(const std::string& base, const std::string& path) {
  return path.starts_with('/') ? path : base + "/" + path;
}

/// The directory that holds info/exclude: .git itself, or for a worktree or submodule, where .git is a file
/// that points elsewhere, the repository that it points to.
std::string git_directory(const std::string& directory) {
  const std::string git = directory + "/.git";
  if (is_directory(git)) return git;
  const std::string link = first_line_after(git, "gitdir: ");
  if (link.empty()) return git;
  const std::string own = resolve(directory, link);
  const std::string common = first_line_after(own + "/commondir", "");
  return common.empty() ? own : resolve(own, common);
}

}  // namespace

bool is_ignored(const IgnoreScope* scope, std::string_view absolute_path, bool is_directory) {
  const auto verdict = [&](const IgnoreScope& at, const IgnoreRules& rules) {
    return rules.empty() ? Verdict::none : rules.match(absolute_path.substr(at.base_length), is_directory);
  };
  for (const IgnoreScope* at = scope; at != nullptr; at = at->parent) {
    if (const Verdict said = verdict(*at, at->dot_ignore); said != Verdict::none) {
      return said == Verdict::ignore;
    }
  }
  for (const IgnoreScope* at = scope; at != nullptr; at = at->parent) {
    if (const Verdict said = verdict(*at, at->gitignore); said != Verdict::none) {
      return said == Verdict::ignore;
    }
    if (at->repository_root) return verdict(*at, at->info_exclude) == Verdict::ignore;
  }
  return false;
}

std::unique_ptr<const IgnoreScope> read_ignore_scope(const std::string& directory, const std::string& display,
                                                     IgnoreFilesPresent present, const IgnoreScope* parent,
                                                     std::vector<Note>& notes) {
  const auto shown = [&](const char* name) { return display.empty() ? name : display + "/" + name; };
  auto scope = std::make_unique<IgnoreScope>();
  scope->parent = parent;
  scope->base_length = directory == "/" ? 1 : directory.size() + 1;
  scope->repository_root = present.git;
  if (present.dot_ignore) scope->dot_ignore = read_rules(directory + "/.ignore", shown(".ignore"), notes);
  if (present.gitignore) scope->gitignore = read_rules(directory + "/.gitignore", shown(".gitignore"), notes);
  if (present.git) {
    const std::string exclude = git_directory(directory) + "/info/exclude";
    scope->info_exclude = read_rules(exclude, exclude, notes);
  }
  return scope;
}

std::vector<std::unique_ptr<const IgnoreScope>> read_scopes_above(const std::string& directory,
                                                                  std::vector<Note>& notes) {
  const auto parent_of = [](const std::string& path) { return path.substr(0, path.rfind('/')); };
  std::vector<std::string> above;  // innermost first; "" is the root directory
  bool in_repository = exists(directory + "/.git");
  if (in_repository) return {};
  for (std::string at = directory; !at.empty() && !in_repository;) {
    at = parent_of(at);
    in_repository = exists(at + "/.git");
    above.push_back(at);
  }
  if (!in_repository) return {};

  std::vector<std::unique_ptr<const IgnoreScope>> scopes;
  for (auto at = above.rbegin(); at != above.rend(); ++at) {
    const IgnoreFilesPresent present{exists(*at + "/.ignore"), exists(*at + "/.gitignore"),
                                     exists(*at + "/.git")};
    if (!present.any()) continue;
    const IgnoreScope* parent = scopes.empty() ? nullptr : scopes.back().get();
    scopes.push_back(read_ignore_scope(at->empty() ? "/" : *at, *at, present, parent, notes));
  }
  return scopes;
}

}  // namespace lockwright::source
