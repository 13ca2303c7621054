// See instantiations.h. Clang's semantics are the largest of its headers, so they are included here alone.
#include "analyzer/frontends/clang/instantiations.h"

#include <memory>

#include "clang/Sema/TemplateInstCallback.h"

namespace lockwright::frontends::compiler {
namespace {

class Callback final : public clang::TemplateInstantiationCallback {
 public:
  explicit Callback(std::function<void()> look) : look_(std::move(look)) {}

  void initialize(const clang::Sema& /*sema*/) override {}
  void finalize(const clang::Sema& /*sema*/) override {}
  void atTemplateBegin(const clang::Sema& /*sema*/,
                       const clang::Sema::CodeSynthesisContext& /*what*/) override {
    look_();
  }
  void atTemplateEnd(const clang::Sema& /*sema*/,
                     const clang::Sema::CodeSynthesisContext& /*what*/) override {}

 private:
  std::function<void()> look_;
};

}  // namespace

void watch_instantiations(clang::Sema& sema, std::function<void()> look) {
  sema.TemplateInstCallbacks.push_back(std::make_unique<Callback>(std::move(look)));
}

}  // namespace lockwright::frontends::compiler
