// Code under construction: instructions in a row, with control flow in between where there is some.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "analyzer/ir/tree.h"

namespace lockwright::frontends {

class Code {
 public:
  void emit(ir::Instruction instruction) { row_.push_back(std::move(instruction)); }

  /// A control structure: ir::If, ir::Loop, …
  template <typename Structure>
  void add(Structure structure) {
    close_row();
    parts_.push_back(std::make_unique<ir::Tree>(ir::Tree{std::move(structure)}));
  }

  void add(Code other) {
    if (!other.parts_.empty()) {
      close_row();
      std::move(other.parts_.begin(), other.parts_.end(), std::back_inserter(parts_));
    }
    std::move(other.row_.begin(), other.row_.end(), std::back_inserter(row_));
  }

  [[nodiscard]] bool empty() const { return parts_.empty() && row_.empty(); }
  /// No control flow so far.
  [[nodiscard]] bool straight() const { return parts_.empty(); }
  /// The instructions after the last control structure.
  std::vector<ir::Instruction> take_row() { return std::exchange(row_, {}); }

  ir::TreePtr finish() {
    close_row();
    if (parts_.size() == 1) return std::move(parts_.front());
    return std::make_unique<ir::Tree>(ir::Tree{ir::Sequence{std::move(parts_)}});
  }
  /// Null when there is nothing.
  ir::TreePtr finish_or_null() { return empty() ? nullptr : finish(); }

 private:
  void close_row() {
    if (row_.empty()) return;
    parts_.push_back(std::make_unique<ir::Tree>(ir::Tree{ir::Straight{std::exchange(row_, {})}}));
  }

  std::vector<ir::TreePtr> parts_;
  std::vector<ir::Instruction> row_;
};

}  // namespace lockwright::frontends
