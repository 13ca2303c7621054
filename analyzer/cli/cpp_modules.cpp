// See cpp_modules.h: the language's part of language_modules.h.
//
// Declaring goes from the bottom up: a header's own includes are declared before it. That is done by one
// thread; parsing, which is most of the work, by all.
//
// Clang takes seconds for a file whose text takes milliseconds. So it reads the files in which locking is
// written out (flock, F_SETLK, O_EXCL in a body): there types and macros decide. What uses the functions and
// classes of such a file is read from its text.
#include "analyzer/cli/cpp_modules.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "analyzer/frontends/cpp/declarations.h"
#include "analyzer/source/parallel.h"

namespace lockwright::cli {

namespace {

std::string_view reason(frontends::compiler::Failure failure) {
  switch (failure) {
    case frontends::compiler::Failure::slow: return "takes Clang longer than --time-limit";
    case frontends::compiler::Failure::crashed: return "crashes Clang";
    case frontends::compiler::Failure::bad_command: return "cannot be compiled as its command says";
    default: return "";
  }
}

/// The words by which rows of the models are found, and not those that only speak of locks.
source::Prefilter lock_words(const models::Models& models) {
  std::vector<source::Literal> words;
  for (const models::Trigger& trigger : models.lock_triggers()) {
    if (!trigger.callees.empty()) words.push_back({.text = trigger.literal});
  }
  return source::Prefilter(std::move(words));
}

void add_once(std::vector<std::string>& all, std::string one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(std::move(one));
}

}  // namespace

CppModules::CppModules(source::Scan& scan, const models::Models& models,
                       const source::DiscoveryOptions& discovery, const CppOptions& options,
                       std::vector<source::Note>& notes)
    : LanguageModules(scan, source::Language::cpp, discovery.jobs),
      models_(models),
      lock_words_(lock_words(models)),
      index_(LanguageModules::paths()),
      options_(options),
      directory_(discovery.working_directory),
      notes_(notes),
      commands_(options_, notes) {
  if (directory_.empty()) directory_ = std::filesystem::current_path().generic_string();
  if (frontends::compiler::clang_version().empty()) options_.clang = false;
}

std::vector<ir::Module> CppModules::parse(const std::vector<std::string>& modules) {
  std::set<std::string> wanted(modules.begin(), modules.end());
  std::vector<std::size_t> numbers;
  for (const std::string& module : modules) {
    if (const auto number = number_of(module)) numbers.push_back(*number);
  }
  look_at(numbers);
  asked_for_.insert(numbers.begin(), numbers.end());
  for (const std::size_t number : numbers) {
    declare(number);
    for (const std::size_t each : known_.at(number).reached) wanted.insert(name(each));
  }
  settle_commands(numbers);
  return LanguageModules::parse({wanted.begin(), wanted.end()});
}

ir::Module CppModules::parse_file(source::FileId file) {
  const std::size_t number = *number_of_file(file);
  asked_for_.insert(number);
  look_at({number});
  declare(number);
  settle_commands({number});
  return LanguageModules::parse_file(file);
}

std::string CppModules::absolute(std::size_t number) const {
  return (std::filesystem::path(directory_) / paths()[number]).lexically_normal().generic_string();
}

std::uint64_t CppModules::texts_of(std::size_t number) {
  std::vector<std::size_t> all = known_.at(number).reached;
  all.push_back(number);
  std::uint64_t result = 0;
  for (const std::size_t each : all) {
    const auto [at, added] = text_hashes_.try_emplace(each);
    if (added) {
      const source::SourceFile* file = load(each);
      at->second = file == nullptr ? 0 : std::hash<std::string_view>()(file->text());
    }
    result = result * 0x9e3779b97f4a7c15U + at->second;
  }
  return result;
}

/// Finds out which of the files are worth Clang's time, and how these are compiled: as a database says, or by
/// where their includes were found.
void CppModules::settle_commands(const std::vector<std::size_t>& numbers) {
  if (!options_.clang) return;
  for (const std::size_t number : numbers) {
    const source::SourceFile* file = load(number);
    if (file == nullptr || settled_.contains(number)) continue;
    if (!frontends::cpp::mentions(file->text(), lock_words_)) continue;
    const std::string_view path = paths()[number];
    const std::string ending(path.substr(std::min(path.size(), path.rfind('.'))));
    const bool is_header =
        ending.starts_with(".h") || ending == ".inl" || ending == ".ipp" || ending == ".tcc";
    const auto source = is_header ? index_.source_of(number) : std::nullopt;
    if (auto found = commands_.find(absolute(number), source ? absolute(*source) : std::string())) {
      settled_.emplace(number, Settled{std::move(*found), texts_of(number)});
      continue;
    }
    IncludeRoots roots;
    std::vector<std::size_t> all{number};
    all.insert(all.end(), known_.at(number).reached.rbegin(), known_.at(number).reached.rend());
    for (const std::size_t each : all) {
      for (const std::string& root : known_.at(each).roots.quoted) add_once(roots.quoted, root);
      for (const std::string& root : known_.at(each).roots.angular) add_once(roots.angular, root);
    }
    settled_.emplace(number, Settled{CppCommands::guess(directory_, index_.is_c(number), is_header, roots),
                                     texts_of(number)});
  }
}

/// Finds out what the files include, and what those do.
void CppModules::look_at(const std::vector<std::size_t>& numbers) {
  std::vector<std::size_t> open;
  for (const std::size_t number : numbers) {
    if (!known_.contains(number)) open.push_back(number);
  }
  while (!open.empty()) {
    std::sort(open.begin(), open.end());
    open.erase(std::unique(open.begin(), open.end()), open.end());
    std::vector<Known> found(open.size());
    source::parallel_for(jobs(), open.size(), [&](std::size_t i, unsigned) {
      const source::SourceFile* file = load(open[i]);
      if (file == nullptr) return;
      for (const frontends::cpp::Include& each : frontends::cpp::includes_of(file->text())) {
        if (const auto number = index_.find(open[i], each.path)) {
          if (*number == open[i]) continue;
          found[i].includes.push_back(*number);
          const std::string target = absolute(*number);
          const std::string_view written = each.path.starts_with("./") ? each.path.substr(2) : each.path;
          if (!target.ends_with("/" + std::string(written))) continue;
          IncludeRoots& roots = found[i].roots;
          add_once(each.quoted ? roots.quoted : roots.angular,
                   target.substr(0, target.size() - written.size() - 1));
        } else if (each.quoted) {
          found[i].complete = false;
        }
      }
    });
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < open.size(); ++i) known_.emplace(open[i], std::move(found[i]));
    for (const std::size_t number : open) {
      for (const std::size_t each : known_.at(number).includes) {
        if (!known_.contains(each)) next.push_back(each);
      }
    }
    open = std::move(next);
  }
}

/// Everything that a file includes, in the order of declaration: what is included first comes first.
void CppModules::reach(std::size_t number) {
  constexpr std::size_t max_reached = 400;
  std::vector<std::size_t>& reached = known_.at(number).reached;
  if (!reached.empty()) return;
  std::set<std::size_t> seen{number};
  std::vector<std::pair<std::size_t, std::size_t>> stack{{number, 0}};
  while (!stack.empty()) {
    auto& [at, next] = stack.back();
    const std::vector<std::size_t>& includes = known_.at(at).includes;
    if (next == includes.size()) {
      if (at != number) reached.push_back(at);
      stack.pop_back();
    } else if (const std::size_t each = includes[next++];
               seen.size() < max_reached && seen.insert(each).second) {
      stack.emplace_back(each, 0);
    }
  }
  for (const std::size_t each : reached) known_.at(number).complete &= known_.at(each).complete;
}

void CppModules::declare(std::size_t number) {
  reach(number);
  std::vector<std::size_t> order = known_.at(number).reached;
  order.push_back(number);
  for (const std::size_t each : order) {
    Known& known = known_.at(each);
    if (known.declarations != nullptr) continue;
    reach(each);
    const source::SourceFile* file = load(each);
    if (file == nullptr) {
      known.declarations = std::make_shared<const frontends::cpp::Declarations>();
      continue;
    }
    known.declarations = frontends::cpp::declare(input_of(each, *file));
    for (const auto& [key, declaration] : known.declarations->names) {
      const bool told = declaration.kind == frontends::cpp::Declaration::Kind::type ||
                        declaration.kind == frontends::cpp::Declaration::Kind::function;
      if (told && !declaration.is_local) declared_in_.try_emplace(declaration.name, each);
    }
  }
}

frontends::cpp::Input CppModules::input_of(std::size_t number, const source::SourceFile& file) const {
  frontends::cpp::Input input{.file = file.id(),
                              .module_name = index_.name(number),
                              .text = file.text(),
                              .is_test = index_.is_test(number),
                              .is_c = index_.is_c(number),
                              .known = this};
  const auto known = known_.find(number);
  if (known == known_.end()) return input;
  input.complete = known->second.complete;
  for (const std::size_t each : known->second.reached) {
    const auto found = known_.find(each);
    if (found != known_.end() && found->second.declarations != nullptr)
      input.included.push_back(found->second.declarations.get());
  }
  return input;
}

/// Where a function or class of the tree may be defined: in the source that goes by the name of the header
/// that declares it.
std::optional<std::string> CppModules::module_of(std::string_view qualified_name) const {
  const auto found = declared_in_.find(std::string(qualified_name));
  if (found == declared_in_.end()) return std::nullopt;
  if (const auto source = index_.source_of(found->second)) return index_.name(*source);
  return std::nullopt;
}

std::optional<std::string> CppModules::definitions_of(std::string_view type) const {
  return module_of(type);
}

std::vector<std::string> CppModules::import_words(std::string_view module) const {
  return {std::string(frontends::cpp::stem_of(module))};
}

std::string_view CppModules::star() const {
  return "(no such thing in C++)";
}

const std::string& CppModules::name(std::size_t number) const {
  return index_.name(number);
}

bool CppModules::is_test(std::size_t number) const {
  return index_.is_test(number);
}

std::optional<std::size_t> CppModules::number_of(std::string_view module) const {
  return index_.file_of(module);
}

ir::Module CppModules::parse(std::size_t number, const source::SourceFile& file,
                             frontends::KeptTree* /*kept*/) const {
  const frontends::cpp::Input input = input_of(number, file);
  const auto settled = settled_.find(number);
  std::optional<ir::Module> read;
  if (settled != settled_.end()) {
    const std::string path = absolute(number);
    const KeptReads::Key key{path, file.id(), settled->second.texts};
    std::optional<frontends::compiler::Outcome> outcome;
    if (options_.kept != nullptr) outcome = options_.kept->find(key);
    if (!outcome) {
      outcome = frontends::compiler::read(input, path, settled->second.command, options_.seconds);
      if (options_.kept != nullptr) options_.kept->keep(key, *outcome);
    }
    read = std::move(outcome->module);
    if (!read) {
      const std::scoped_lock guard(noting_);
      notes_.push_back({.path = std::string(file.path()),
                        .line = std::nullopt,
                        .message = std::string(reason(outcome->failure)) + ": read without types"});
    }
  }
  ir::Module module = read ? std::move(*read) : frontends::cpp::parse(input);
  module.is_context = !asked_for_.contains(number);
  return module;
}

bool CppModules::is_made(std::string_view type) const {
  return models_.knows_type(type) &&
         (models_.function(type) != nullptr || models_.method(type, "~") != nullptr);
}

bool CppModules::is_value(std::string_view type) const {
  return models_.knows_type(type) && models_.method(type, "~") == nullptr;
}

}  // namespace lockwright::cli
