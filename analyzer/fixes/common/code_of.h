// What a repair reads beside the file that it is in: where a helper stands.
#pragma once

#include <memory>

#include "analyzer/source/file_table.h"

namespace lockwright::fixes {

/// The code of one file: the one at hand, or another, parsed for this. None: the file is not loaded. `Code`
/// is a language's. Borrows the files and the code at hand.
template <typename Code>
class CodeOf {
 public:
  CodeOf(const Code& here, source::FileId own, const source::FileTable& files, source::FileId file)
      : other_(file == own || files.get(file) == nullptr ? nullptr : std::make_unique<Code>(files, file)),
        code_(file == own ? &here : other_.get()) {}

  explicit operator bool() const { return code_ != nullptr; }
  const Code& operator*() const { return *code_; }
  const Code* operator->() const { return code_; }

 private:
  std::unique_ptr<Code> other_;
  const Code* code_;
};

}  // namespace lockwright::fixes
