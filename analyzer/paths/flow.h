// Facts about a CFG that the executor needs: which variables are still needed where, which loops enclose
// what. Internal to paths/.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/ir/term.h"

namespace lockwright::paths {

/// A set of small numbers.
class Bits {
 public:
  explicit Bits(std::size_t size = 0) : words_((size + 63) / 64) {}
  void add(std::size_t bit) { words_[bit / 64] |= std::uint64_t{1} << (bit % 64); }
  [[nodiscard]] bool has(std::size_t bit) const {
    return bit / 64 < words_.size() && ((words_[bit / 64] >> (bit % 64)) & 1) != 0;
  }
  /// Adds `other` without `except`; whether that added anything. All of one size.
  bool add(const Bits& other, const Bits& except);

 private:
  std::vector<std::uint64_t> words_;
};

class Flow {
 public:
  Flow(const ir::TermTable& terms, const ir::Function& function);

  /// Whether the variable `local` may be read in `block`, or after it, before it is assigned.
  [[nodiscard]] bool live(ir::BlockId block, std::size_t local) const {
    return live_[static_cast<std::size_t>(block)].has(local);
  }
  /// Whether `block` belongs to the loop of `header`.
  [[nodiscard]] bool in_loop(ir::BlockId header, ir::BlockId block) const;

 private:
  std::vector<Bits> live_;
  std::vector<Bits> loops_;  ///< per header; empty for other blocks
};

}  // namespace lockwright::paths
