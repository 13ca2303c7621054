#include "tests/unit/frontends/lowered_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"

namespace lockwright::frontends::testing {
namespace {

/// A dump's line: its text up to the line number.
std::string without_position(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  std::string text = line.substr(begin);
  // Positions stand behind at least two blanks, and nothing else does.
  for (std::size_t at = text.find("  "); at != std::string::npos; at = text.find("  ", at + 1)) {
    const std::size_t number = text.find_first_not_of(' ', at);
    if (number != std::string::npos && text.find_first_not_of("0123456789 !", number) == std::string::npos) {
      text.resize(at);
      break;
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// The function with its blocks in reverse postorder: what runs first comes first, `then` before `else`, the
/// round of a loop before what follows it, handlers last.
ir::Function in_reverse_postorder(const ir::Function& function) {
  const std::vector<ir::Block>& blocks = function.cfg.blocks;
  std::vector<ir::BlockId> numbers(blocks.size(), ir::BlockId::none);
  std::vector<std::size_t> order;
  const auto visit = [&](const auto& self, ir::BlockId id) -> void {
    if (id == ir::BlockId::none) return;
    const auto index = static_cast<std::size_t>(id);
    if (numbers[index] != ir::BlockId::none) return;
    numbers[index] = id;  // seen
    const ir::Terminator& end = blocks[index].end;
    self(self, blocks[index].landing);
    self(self, end.else_block);
    for (auto each = end.cases.rbegin(); each != end.cases.rend(); ++each) self(self, each->block);
    self(self, end.then_block);
    order.push_back(index);
  };
  visit(visit, ir::BlockId{0});
  std::reverse(order.begin(), order.end());
  for (std::size_t position = 0; position < order.size(); ++position) {
    numbers[order[position]] = static_cast<ir::BlockId>(position);
  }
  const auto renumber = [&](ir::BlockId& id) {
    if (id != ir::BlockId::none) id = numbers[static_cast<std::size_t>(id)];
  };
  ir::Function result = function;
  result.cfg.blocks.clear();
  for (const std::size_t index : order) {
    ir::Block block = blocks[index];
    renumber(block.end.then_block);
    renumber(block.end.else_block);
    for (ir::DispatchCase& each : block.end.cases) renumber(each.block);
    renumber(block.landing);
    renumber(block.loop);
    result.cfg.blocks.push_back(std::move(block));
  }
  return result;
}

}  // namespace

void LoweredText::verify() const {
  for (const std::string& problem : ir::verify(module)) ADD_FAILURE() << problem << "\nin:\n" << text_;
}

const ir::Function& LoweredText::function(std::string_view qualified_name) const {
  if (qualified_name.empty()) return module.functions.front();
  for (const ir::Function& each : module.functions) {
    if (each.qualified_name == qualified_name) return each;
  }
  ADD_FAILURE() << "no function " << qualified_name;
  return module.functions.front();
}

const ir::Class& LoweredText::type(std::string_view qualified_name) const {
  for (const ir::Class& each : module.classes) {
    if (each.qualified_name == qualified_name) return each;
  }
  ADD_FAILURE() << "no class " << qualified_name;
  static const ir::Class none;
  return none;
}

std::vector<std::string> LoweredText::lines(std::string_view function_name) const {
  const auto line_of = [this](const source::Range& range) {
    return static_cast<std::uint32_t>(1 + std::count(text_.begin(), text_.begin() + range.begin, '\n'));
  };
  std::istringstream dumped(ir::dump(module, in_reverse_postorder(function(function_name)), line_of));
  std::vector<std::string> result;
  for (std::string line; std::getline(dumped, line);) {
    line = without_position(line);
    if (!line.empty()) result.push_back(line);
  }
  return result;
}

std::vector<std::string> LoweredText::code(std::string_view function_name) const {
  std::vector<std::string> all = lines(function_name);
  std::vector<std::string> result;
  bool inside = false;
  std::size_t blocks = 0;
  for (std::string& each : all) {
    const bool block = each.starts_with("block ");
    inside = inside || block;
    blocks += block ? 1 : 0;
    if (inside) result.push_back(std::move(each));
  }
  if (blocks == 1) result.erase(result.begin());
  return result;
}

std::vector<std::string> LoweredText::instructions(std::string_view function_name) const {
  std::vector<std::string> result;
  for (const std::string& each : code(function_name)) {
    const std::string_view word = std::string_view(each).substr(0, each.find(' '));
    const bool other = word == "block" || word == "jump" || word == "branch" || word == "return" ||
                       word == "raise" || word == "dispatch";
    if (!other) result.push_back(each);
  }
  return result;
}

std::string LoweredText::head(std::string_view function_name) const {
  return lines(function_name).front();
}

std::string LoweredText::print(ir::Term term) const {
  return ir::to_string(module.terms, term);
}

std::string_view LoweredText::text(const source::Range& range) const {
  return std::string_view(text_).substr(range.begin, range.end - range.begin);
}

std::vector<std::string> LoweredText::holes() const {
  std::vector<std::string> result;
  for (const ir::ParseHole& each : module.holes) result.emplace_back(text(each.range));
  return result;
}

std::map<std::string, std::string> LoweredText::aliases() const {
  std::map<std::string, std::string> result;
  for (const auto& [name, target] : module.aliases) result.emplace(name, print(target));
  return result;
}

}  // namespace lockwright::frontends::testing
