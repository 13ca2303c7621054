// A module: what one source file declares. The frontends' product and the engine's input.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/ir/cfg.h"
#include "analyzer/ir/term.h"
#include "analyzer/source/range.h"

namespace lockwright::ir {

/// Index into Module::functions.
enum class FunctionIndex : std::uint32_t { none = 0xffffffff };

struct Parameter {
  enum class Kind : std::uint8_t { plain, keyword_only, rest, keyword_rest };
  std::string_view name = {};
  Kind kind = Kind::plain;
  Term declared_type = Term::none;  ///< a global (class); Optional[X] and X | None are X
  Term default_value = Term::none;  ///< pure terms only; unknown when it is anything else; none: required
};

/// The qualified name of the function that one of this name is written in: "m.f" of "m.f.<locals>.g". Nothing
/// for one that stands by itself or in a class.
[[nodiscard]] inline std::optional<std::string_view> enclosing_function(std::string_view qualified_name) {
  const std::size_t at = qualified_name.rfind(".<locals>.");
  return at == std::string_view::npos ? std::nullopt : std::optional(qualified_name.substr(0, at));
}

struct Variable {
  std::string_view name = {};       ///< "" for temporaries
  Term declared_type = Term::none;  ///< from an annotation
};

struct Function {
  std::string_view name;                       ///< last component; "<lambda>", "<module>"
  std::string_view qualified_name;             ///< "pkg.module.Class.method", "pkg.module.f.<locals>.g"
  std::string_view owner;                      ///< qualified name of its class; "" for plain functions
  FunctionIndex parent = FunctionIndex::none;  ///< the function whose text encloses it; none at top level
  source::Range range;                         ///< the whole definition
  source::Range name_range;                    ///< where its name stands
  std::vector<Parameter> parameters;           ///< without the receiver; parameter i is Local i
  std::vector<Variable> locals;                ///< Local i is locals[i]; the parameters first
  std::vector<Term> decorators;                ///< as written, resolved: a global, or an apply of one
  Term return_type = Term::none;               ///< as Parameter::declared_type
  bool has_receiver = false;                   ///< an instance method: `self` is meaningful
  bool is_async = false;
  /// Async and runs at once up to its first await, as in TypeScript; Python's coroutines wait to be awaited.
  bool starts_at_call = false;
  bool is_generator = false;
  bool is_property = false;
  bool is_test = false;         ///< lives in test code (by the language's conventions)
  bool by_arity = false;        ///< there may be others of its name, told apart by their parameters (C++)
  bool is_declaration = false;  ///< says that there is such a function, not what it does
  bool without_types = false;   ///< read from its text alone, without what headers would have told
  Cfg cfg;
};

struct FieldDeclaration {
  Term declared_type = Term::none;
  Term value = Term::none;  ///< class-level initial value
};

struct Class {
  std::string_view name;
  std::string_view qualified_name;
  std::vector<Term> bases;
  std::map<std::string_view, FunctionIndex> methods;
  std::map<std::string_view, FieldDeclaration> fields;  ///< annotations and class-level assignments
  source::Range range;
};

/// A place where the text did not parse; its statement became an unknown instruction.
struct ParseHole {
  source::Range range;
};

struct Module {
  std::string name;  ///< dotted, unique in the run; see ModuleResolver in the frontends
  source::FileId file{};
  TermTable terms;
  std::vector<Function> functions;  ///< functions[0] is the module's own top-level code, "<module>"
  std::vector<Class> classes;
  /// What a name of this module stands for elsewhere: `from .a import f as g` gives g -> global pkg.a.f.
  std::map<std::string_view, Term> aliases;
  /// `from .a import *`: qualified names of the modules whose names show through.
  std::vector<std::string_view> star_imports;
  /// Modules of the tree that this one imports (their unique names).
  std::vector<std::string_view> imports;
  std::vector<ParseHole> holes;
  /// Loaded for what it declares to others, not for what it does itself: its holes cost them little.
  bool is_context = false;
};

/// The same once more, cheaply: both have one table of terms (see TermTable::share).
[[nodiscard]] inline Module copy_of(const Module& module) {
  return {.name = module.name,
          .file = module.file,
          .terms = module.terms.share(),
          .functions = module.functions,
          .classes = module.classes,
          .aliases = module.aliases,
          .star_imports = module.star_imports,
          .imports = module.imports,
          .holes = module.holes,
          .is_context = module.is_context};
}

}  // namespace lockwright::ir
