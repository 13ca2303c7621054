// A module's IR, printed: what the tests of the frontends compare.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/ir/module.h"

namespace lockwright::frontends::testing {

class LoweredText {
 public:
  explicit LoweredText(std::string text) : text_(std::move(text)) {}

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

 protected:
  /// For after `module` has been set: fails the test where it is not valid.
  void verify() const;

  const std::string text_;

 private:
  [[nodiscard]] std::vector<std::string> lines(std::string_view function) const;
};

}  // namespace lockwright::frontends::testing
