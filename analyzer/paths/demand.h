// Which files are worth parsing: from those with locks in them, to their callers and the callees that matter,
// to the fixpoint. Everything else is never parsed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/paths/engine.h"
#include "analyzer/paths/program.h"
#include "analyzer/source/prefilter.h"

namespace lockwright::paths {

/// The tree's modules, parsed or not. Implemented by whoever knows files and frontends.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;

  struct Match {
    std::string module;
    std::vector<std::size_t> literals;  ///< indices of the literals found in its text
    bool is_test = false;               ///< test code, by the language's conventions; may be left out
  };
  /// The modules whose text has one of `literals`, sorted by name; those that are parsed may be left out, but
  /// for sources that are searched again and again (finds_parsed()). Where there are clues, those whose text
  /// has all that one of these asks for are enough.
  virtual std::vector<Match> find(const std::vector<std::string>& literals,
                                  const std::vector<source::Clue>& clues) = 0;
  [[nodiscard]] virtual bool finds_parsed() const { return false; }
  /// The text of a module that find() has found.
  [[nodiscard]] virtual std::string_view text(std::string_view module) const = 0;
  /// Parses modules; unreadable ones and those parsed before are left out. Sorted by name.
  virtual std::vector<ir::Module> parse(const std::vector<std::string>& modules) = 0;
  /// A module counts as not parsed from now on.
  virtual void forget(const std::string& /*module*/) {}
  /// The module of the tree that a qualified name lies in ("src.pkg.mod.Class.f": "src.pkg.mod").
  [[nodiscard]] virtual std::optional<std::string> module_of(std::string_view qualified_name) const = 0;
  /// Where methods of a class are defined that its own module only declares; nothing where there is no such
  /// place.
  [[nodiscard]] virtual std::optional<std::string> definitions_of(std::string_view /*type*/) const {
    return {};
  }
  /// Words of which every module that imports this one has at least one in its text.
  [[nodiscard]] virtual std::vector<std::string> import_words(std::string_view module) const;
  /// What stands in the text of a module that hands on all names of another.
  [[nodiscard]] virtual std::string_view star() const { return "import *"; }
};

/// The search for what is relevant, which can be gone on with when texts have changed.
class Demand {
 public:
  Demand(Engine& engine, ModuleSource& source);
  ~Demand();

  /// Loads into the engine's program all modules that a finding can be about, and returns the functions to
  /// look at, in order: those that do something to locks themselves, and those that call functions which
  /// leave a lock held, or lock, release or save under a lock what they were given (what any other balanced
  /// callee does is nobody's business but its own); and, in the same modules, those that use files by their
  /// names, for some other function's lock may be among them, or what it guards. The summaries that this took
  /// stay with the engine. Of a source that finds parsed modules too, those are unloaded that nothing asks
  /// for any more.
  std::vector<FunctionId> run();

  /// A module has another text, or none: it is parsed again if it is loaded.
  void changed(const std::string& module);

 private:
  class Search;
  std::unique_ptr<Search> search_;
};

/// One search of a program that does not change.
std::vector<FunctionId> load_relevant(Engine& engine, ModuleSource& source);

}  // namespace lockwright::paths
