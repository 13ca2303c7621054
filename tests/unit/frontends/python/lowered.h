// Python text to IR, printed: what the tests of the frontend compare.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/frontends/python/frontend.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::python::testing {

/// A tree that has the given modules, by their unique names; "pkg/" is a package.
class FakeTree final : public ModuleResolver {
 public:
  FakeTree(std::initializer_list<std::string> modules);
  [[nodiscard]] std::optional<std::string> resolve(std::string_view from, int level,
                                                   std::string_view dotted) const override;

 private:
  std::set<std::string, std::less<>> modules_;
  std::set<std::string, std::less<>> packages_;
};

/// The IR of one text as module "m", verified on the way.
class Lowered {
 public:
  explicit Lowered(std::string text, const ModuleResolver& tree = FakeTree({"m"}),
                   std::string_view name = "m", bool is_package = false);

  ir::Module module;

  /// The code of a function, an instruction a line, without line numbers and blanks; block heads stay when
  /// there are several blocks. "" is the module itself. Blocks are in reverse postorder, whatever their
  /// numbers in the Cfg: close to the text's.
  [[nodiscard]] std::vector<std::string> code(std::string_view function = "") const;
  /// Only the instructions (calls, lets, stores, …), in the order of the blocks.
  [[nodiscard]] std::vector<std::string> instructions(std::string_view function = "") const;
  /// The first line of a function's dump: its parameters and what it is.
  [[nodiscard]] std::string head(std::string_view function) const;
  [[nodiscard]] const ir::Function& function(std::string_view qualified_name) const;
  [[nodiscard]] const ir::Class& type(std::string_view qualified_name) const;
  [[nodiscard]] std::string print(ir::Term term) const;
  [[nodiscard]] std::string_view text(const source::Range& range) const;
  /// What the holes cover.
  [[nodiscard]] std::vector<std::string> holes() const;
  [[nodiscard]] std::map<std::string, std::string> aliases() const;

 private:
  [[nodiscard]] std::vector<std::string> lines(std::string_view function) const;

  std::string text_;
};

}  // namespace lockwright::frontends::python::testing
