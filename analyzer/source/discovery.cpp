// A run is given roots the way a person types them: ".", "src/", "../other", "/abs/path", a single file, a
// link. Each is resolved once: how its files are to be displayed, and where it really lies (which decides the
// ignore files above it, and whether two roots overlap). The trees are then walked, and what the walk found
// is put in the one order that does not depend on threads.
#include "analyzer/source/discovery.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "analyzer/source/file_reader.h"
#include "analyzer/source/ignore_scope.h"
#include "analyzer/source/parallel.h"
#include "analyzer/source/walk.h"

namespace lockwright::source {
namespace {

namespace fs = std::filesystem;

/// The path without symbolic links; empty if it does not exist.
std::string canonical(const std::string& path) {
  std::error_code failed;
  return fs::canonical(path, failed).string();
}

/// The part of `path` below `directory`, both absolute and normal; nothing if it is not below or equal.
std::optional<std::string> below(const std::string& path, const std::string& directory) {
  if (path == directory) return "";
  const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
  if (!path.starts_with(prefix)) return std::nullopt;
  return path.substr(prefix.size());
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  return fs::equivalent(a, b, failed);
}

/// Without "./", "//", "/." and a '/' at the end.
std::string tidy(const std::string& path) {
  std::string result = path.starts_with('/') ? "/" : "";
  for (const fs::path& part : fs::path(path).relative_path()) {
    if (!part.empty() && part != ".") result = join_path(result, part.string());
  }
  return result;
}

/// What the process calls the working directory, and where it really is.
struct WorkingDirectory {
  std::string given;     ///< prefix for opening relative paths; empty: none needed
  std::string absolute;  ///< normal, perhaps through links
  std::string real;
};

WorkingDirectory working_directory(const std::string& given) {
  std::error_code failed;
  std::string absolute =
      given.empty() ? fs::current_path(failed).string() : fs::absolute(given, failed).string();
  absolute = tidy(fs::path(absolute).lexically_normal().string());
  return {given, absolute, canonical(absolute)};
}

std::string open_path(const WorkingDirectory& cwd, const std::string& display) {
  if (display.starts_with('/')) return display;
  const std::string path = join_path(cwd.given, display);
  return path.empty() ? "." : path;
}

bool exists(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

std::string display_of(const std::string& root, const WorkingDirectory& cwd) {
  const std::string tidied = tidy(root);
  const std::string absolute = tidied.starts_with('/') ? tidied : join_path(cwd.absolute, tidied);
  const std::string normal = tidy(fs::path(absolute).lexically_normal().string());
  // "link/.." need not be the directory that the link is in: then only the path as given will do.
  if (normal != absolute && exists(absolute) && !same_file(normal, absolute)) return tidied;
  if (const auto relative = below(normal, cwd.absolute)) return *relative;
  if (!root.starts_with('/')) return fs::path(normal).lexically_relative(cwd.absolute).string();
  if (const auto relative = below(normal, cwd.real)) return *relative;
  return normal;
}

struct FoundFile {
  std::string real;  ///< tells files apart, whatever they are called; only set when there are several roots
  DiscoveredFile file;
};

/// One call of discover().
class Discoverer {
 public:
  explicit Discoverer(const DiscoveryOptions& options)
      : options_(options), cwd_(working_directory(options.working_directory)) {}

  Discovery run();

 private:
  void add_root(const std::string& root);
  void add_named_file(const std::string& root, const std::string& display, const std::string& real);
  void add_walked(const Walk& walk);
  void bad_input(const std::string& root, std::string message);
  [[nodiscard]] ExcludeRules exclude_rules() const;

  const DiscoveryOptions& options_;
  const WorkingDirectory cwd_;
  std::vector<WalkRoot> roots_;
  std::vector<std::unique_ptr<const IgnoreScope>> scopes_;  ///< of the directories above the roots
  std::vector<FoundFile> found_;
  Discovery result_;
};

void Discoverer::bad_input(const std::string& root, std::string message) {
  result_.notes.push_back({NoteKind::bad_input, root, std::nullopt, std::move(message)});
}

void Discoverer::add_root(const std::string& root) {
  if (root.empty()) return bad_input(root, "is an empty path");
  const std::string path = root.starts_with('/') ? root : open_path(cwd_, root);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    const int error = errno;
    return bad_input(root, error == ENOENT || error == ENOTDIR ? "does not exist"
                                                               : "cannot be read: " + describe_errno(error));
  }
  const std::string display = display_of(root, cwd_);
  const std::string real = canonical(path);
  if (!S_ISDIR(status.st_mode)) {
    if (!S_ISREG(status.st_mode)) return bad_input(root, "is neither a file nor a directory");
    return add_named_file(root, display, real);
  }
  const IgnoreScope* scope = nullptr;
  if (options_.respect_ignore_files) {
    std::vector<std::unique_ptr<const IgnoreScope>> above = read_scopes_above(real, result_.notes);
    if (!above.empty()) scope = above.back().get();
    std::move(above.begin(), above.end(), std::back_inserter(scopes_));
  }
  roots_.push_back({display, open_path(cwd_, display), real, scope});
}

void Discoverer::add_named_file(const std::string& root, const std::string& display,
                                const std::string& real) {
  if (std::optional<std::string> why = why_not_analysed(display, options_.languages)) {
    result_.notes.push_back({NoteKind::warning, tidy(root), std::nullopt, *std::move(why)});
    return;
  }
  found_.push_back({real, {display, *language_of(display)}});
}

void Discoverer::add_walked(const Walk& walk) {
  // Below a root that contains the working directory, some files lie below the latter after all.
  std::vector<std::string> to_strip;
  for (const WalkRoot& root : roots_) {
    const auto inner = below(cwd_.real, root.absolute);
    const bool contains = inner && !inner->empty() && !root.display.empty();
    to_strip.push_back(contains ? join_path(root.display, *inner) + "/" : "");
  }
  const bool several = options_.roots.size() > 1;
  found_.reserve(found_.size() + walk.files.size());
  for (const WalkedFile& file : walk.files) {
    const WalkRoot& root = roots_[file.root];
    std::string display = join_path(root.display, file.relative);
    const std::string& strip = to_strip[file.root];
    if (!strip.empty() && display.starts_with(strip)) display.erase(0, strip.size());
    found_.push_back({several ? join_path(root.absolute, file.relative) : std::string(),
                      {std::move(display), file.language}});
  }
}

ExcludeRules Discoverer::exclude_rules() const {
  std::vector<std::string> patterns = options_.default_exclude;
  patterns.insert(patterns.end(), options_.exclude.begin(), options_.exclude.end());
  const std::string base = options_.exclude_base.empty() ? cwd_.real
                           : options_.exclude_base.starts_with('/')
                               ? canonical(options_.exclude_base)
                               : canonical(open_path(cwd_, options_.exclude_base));
  return {IgnoreRules(patterns), base};
}

Discovery Discoverer::run() {
  for (const std::string& root : options_.roots) add_root(root);
  const ExcludeRules exclude = exclude_rules();
  Walk walked = walk(
      roots_, {&exclude, options_.languages, options_.respect_ignore_files, effective_jobs(options_.jobs)});
  add_walked(walked);
  result_.directories = walked.directories;
  std::move(walked.notes.begin(), walked.notes.end(), std::back_inserter(result_.notes));
  sort_notes(result_.notes);

  std::sort(found_.begin(), found_.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.file.path < b.file.path; });
  if (options_.roots.size() > 1) {
    // Overlapping roots: a file keeps the first of its names.
    std::stable_sort(found_.begin(), found_.end(),
                     [](const FoundFile& a, const FoundFile& b) { return a.real < b.real; });
    found_.erase(std::unique(found_.begin(), found_.end(),
                             [](const FoundFile& a, const FoundFile& b) { return a.real == b.real; }),
                 found_.end());
    std::sort(found_.begin(), found_.end(),
              [](const FoundFile& a, const FoundFile& b) { return a.file.path < b.file.path; });
  }
  result_.files.reserve(found_.size());
  for (FoundFile& found : found_) result_.files.push_back(std::move(found.file));
  return std::move(result_);
}

}  // namespace

const std::vector<std::string>& default_excludes() {
  static const std::vector<std::string> patterns = {
      // version control, editors
      ".bzr/",
      ".git/",
      ".git-rewrite/",
      ".hg/",
      ".jj/",
      ".svn/",
      ".idea/",
      ".vscode/",
      // environments and packages
      ".direnv/",
      ".eggs/",
      ".nox/",
      ".pants.d/",
      ".pixi/",
      ".pnpm-store/",
      ".pyenv/",
      ".tox/",
      ".venv/",
      ".yarn/",
      "__pypackages__/",
      "bower_components/",
      "jspm_packages/",
      "node_modules/",
      "site-packages/",
      "venv/",
      // caches
      ".cache/",
      ".ipynb_checkpoints/",
      ".mypy_cache/",
      ".angular/",
      ".expo/",
      ".next/",
      ".nuxt/",
      ".parcel-cache/",
      ".svelte-kit/",
      ".pytest_cache/",
      ".pytype/",
      ".ruff_cache/",
      ".turbo/",
      ".vercel/",
      "__pycache__/",
      // build output; the plain names "build" and "dist" are also those of source directories
      "**/build/lib/",
      "**/build/bdist.*/",
      "**/build/CMakeFiles/",
      "CMakeFiles/",
      "_deps/",
      "buck-out/",
      "bazel-bin/",
      "bazel-out/",
      "*.egg-info/",
      "_build/",
  };
  return patterns;
}

std::string display_path(const std::string& path, const std::string& directory) {
  return display_of(path, working_directory(directory));
}

Discovery discover(const DiscoveryOptions& options) {
  return Discoverer(options).run();
}

}  // namespace lockwright::source
