// Running Clang over one file, in memory and in a thread of its own (it wants a deep stack, and a crash in it
// must not end the run).
//
// Clang cannot be stopped from outside, so it is asked to stop from where it calls back: at every file that
// is entered or left, at macros, between declarations, and at instantiations of templates.
#include "analyzer/frontends/clang/frontend.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "analyzer/frontends/clang/instantiations.h"
#include "analyzer/frontends/clang/lowering.h"
#include "analyzer/frontends/cpp/bodies.h"
#include "clang/AST/DeclFriend.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Basic/Version.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/Utils.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "clang/Sema/SemaConsumer.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/VirtualFileSystem.h"

#ifdef LOCKWRIGHT_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

namespace lockwright::frontends::compiler {
namespace {

constexpr unsigned stack_size = 64U << 20;

double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double clock_time() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// What is left of the time for a file. Time on the clock is a second bound, for Clang may go on in threads
/// of its own.
class Deadline {
 public:
  Deadline(double seconds, bool& passed)
      : end_(processor_time() + seconds), latest_(clock_time() + times_longer * seconds), passed_(passed) {}
  /// Leaves Clang where it stands, if the time is up; what it has allocated is lost.
  void check() {
    if (processor_time() <= end_ && clock_time() <= latest_) return;
    passed_ = true;
    llvm::CrashRecoveryContext::GetCurrent()->HandleExit(1);
  }

 private:
  static constexpr int times_longer = 8;  // when others run on the machine

  double end_;
  double latest_;
  bool& passed_;
};

/// Half-open, in the main file.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What one run of Clang is told, and what it says of the file besides its tree.
struct Session {
  const cpp::Input& input;
  Deadline deadline;
  std::vector<std::uint32_t> errors;  ///< where they are
  std::vector<Span> skipped;          ///< branches of #if that are off and hold code
  Outcome outcome;
};

class Errors final : public clang::DiagnosticConsumer {
 public:
  explicit Errors(Session& session) : session_(session) {}

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& what) override {
    clang::DiagnosticConsumer::HandleDiagnostic(level, what);
    if (level < clang::DiagnosticsEngine::Error || !what.hasSourceManager() || what.getLocation().isInvalid())
      return;
    const clang::SourceManager& all = what.getSourceManager();
    const auto [file, offset] = all.getDecomposedExpansionLoc(what.getLocation());
    if (file == all.getMainFileID()) session_.errors.push_back(offset);
  }

 private:
  Session& session_;
};

class Watch final : public clang::PPCallbacks {
 public:
  Watch(Session& session, clang::Preprocessor& preprocessor)
      : session_(session), preprocessor_(preprocessor) {}

  void LexedFileChanged(clang::FileID /*file*/, LexedFileChangeReason /*why*/,
                        clang::SrcMgr::CharacteristicKind /*kind*/, clang::FileID /*before*/,
                        clang::SourceLocation /*where*/) override {
    check();
  }
  void MacroExpands(const clang::Token& /*name*/, const clang::MacroDefinition& /*what*/,
                    clang::SourceRange /*where*/, const clang::MacroArgs* /*arguments*/) override {
    if (++macros_ % 1024 == 0) check();
  }
  void SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation /*end*/) override {
    const clang::SourceManager& all = preprocessor_.getSourceManager();
    const auto [file, begin] = all.getDecomposedExpansionLoc(range.getBegin());
    if (file != all.getMainFileID()) return;
    const std::uint32_t end = all.getDecomposedExpansionLoc(range.getEnd()).second;
    // Of interest is what calls something.
    const std::string_view text = session_.input.text.substr(begin, end - begin);
    const std::size_t line = text.find('\n');
    if (line != std::string_view::npos && text.find('(', line) != std::string_view::npos)
      session_.skipped.push_back({begin, end});
  }

 private:
  void check() { session_.deadline.check(); }

  Session& session_;
  clang::Preprocessor& preprocessor_;
  unsigned macros_ = 0;
};

/// The functions that a tree defines in the main file, by where their bodies begin.
class Definitions {
 public:
  explicit Definitions(const clang::ASTContext& context) : sources_(context.getSourceManager()) {
    visit_all(*context.getTranslationUnitDecl());
  }

  [[nodiscard]] const clang::FunctionDecl* at(std::uint32_t body) const {
    const auto found = functions_.find(body);
    return found == functions_.end() ? nullptr : found->second;
  }

 private:
  void visit_all(const clang::DeclContext& scope) {
    for (const clang::Decl* each : scope.decls()) {
      const clang::SourceLocation where = sources_.getExpansionLoc(each->getLocation());
      if (where.isValid() && sources_.isWrittenInMainFile(where)) visit(*each);
    }
  }

  void visit(const clang::Decl& declaration) {
    if (const auto* pattern = llvm::dyn_cast<clang::FunctionTemplateDecl>(&declaration)) {
      // What it stands for is known where it is used; the first use speaks for all.
      for (const clang::FunctionDecl* each : pattern->specializations()) add(*each);
    } else if (const auto* type = llvm::dyn_cast<clang::ClassTemplateDecl>(&declaration)) {
      for (const clang::ClassTemplateSpecializationDecl* each : type->specializations()) visit_all(*each);
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
      add(*function);
    } else if (const auto* friendly = llvm::dyn_cast<clang::FriendDecl>(&declaration)) {
      // A friendly class stands elsewhere, and may be the one around here.
      const clang::NamedDecl* made = friendly->getFriendDecl();
      if (llvm::isa_and_nonnull<clang::FunctionDecl, clang::FunctionTemplateDecl>(made)) visit(*made);
    } else if (llvm::isa<clang::RecordDecl>(declaration) || llvm::isa<clang::NamespaceDecl>(declaration) ||
               llvm::isa<clang::LinkageSpecDecl>(declaration) || llvm::isa<clang::ExportDecl>(declaration)) {
      visit_all(*llvm::cast<clang::DeclContext>(&declaration));
    }
  }

  void add(const clang::FunctionDecl& function) {
    const clang::FunctionDecl* defined = nullptr;
    if (!function.hasBody(defined) || defined == nullptr || defined->isDependentContext() ||
        defined->isInvalidDecl() || defined->isImplicit()) {
      return;
    }
    const auto [file, offset] =
        sources_.getDecomposedLoc(sources_.getFileLoc(defined->getBody()->getBeginLoc()));
    if (file == sources_.getMainFileID()) functions_.try_emplace(offset, defined);
  }

  const clang::SourceManager& sources_;
  std::unordered_map<std::uint32_t, const clang::FunctionDecl*> functions_;
};

class ClangBodies final : public cpp::Bodies {
 public:
  ClangBodies(Session& session, const clang::ASTContext& context)
      : session_(session), context_(context), definitions_(context) {}

  bool lower(cpp::Unit& unit, ir::FunctionIndex index, std::string_view owner, std::uint32_t body) override {
    const clang::FunctionDecl* function = definitions_.at(body);
    ir::Function& made = unit.module.functions[static_cast<std::size_t>(index)];
    if (function == nullptr || function->getNumParams() != made.parameters.size() || !is_whole(made.range))
      return false;
    const clang::FunctionDecl* pattern = function->getTemplateInstantiationPattern();
    if (pattern != nullptr && function->getNumParams() != pattern->getNumParams()) return false;
    if (!is_understood(function->getBody())) return false;
    if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(function)) {
      for (const clang::CXXCtorInitializer* each : constructor->inits()) {
        if (!is_understood(each->getInit())) return false;
      }
    }
    const Meaning meaning(unit, context_);
    Lowering(unit, meaning, {.function = function, .owner = owner, .index = index}).run();
    return true;
  }

 private:
  /// No error in it, and no code that is left out: then the text says more.
  [[nodiscard]] bool is_whole(const source::Range& range) const {
    const bool wrong = std::any_of(session_.errors.begin(), session_.errors.end(), [&](std::uint32_t offset) {
      return offset >= range.begin && offset < range.end;
    });
    return !wrong && std::none_of(session_.skipped.begin(), session_.skipped.end(), [&](const Span& span) {
      return span.begin < range.end && span.end > range.begin;
    });
  }

  Session& session_;
  const clang::ASTContext& context_;
  Definitions definitions_;
};

class Consumer final : public clang::SemaConsumer {
 public:
  Consumer(Session& session, const clang::SourceManager& sources) : session_(session), sources_(sources) {}

  void InitializeSema(clang::Sema& sema) override {
    watch_instantiations(sema, [this] {
      if (++instantiations_ % 256 == 0) session_.deadline.check();
    });
  }
  bool HandleTopLevelDecl(clang::DeclGroupRef /*group*/) override {
    session_.deadline.check();
    return true;
  }
  bool shouldSkipFunctionBody(clang::Decl* function) override {
    return !sources_.isWrittenInMainFile(sources_.getExpansionLoc(function->getLocation()));
  }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    session_.deadline.check();
    ClangBodies bodies(session_, context);
    cpp::Input input = session_.input;
    input.bodies = &bodies;
    session_.outcome.module = cpp::parse(input);
  }

 private:
  Session& session_;
  const clang::SourceManager& sources_;
  unsigned instantiations_ = 0;
};

class Action final : public clang::ASTFrontendAction {
 public:
  explicit Action(Session& session) : session_(session) {}

 private:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef /*file*/) override {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<Watch>(session_, compiler.getPreprocessor()));
    return std::make_unique<Consumer>(session_, compiler.getSourceManager());
  }

  Session& session_;
};

/// Where Clang's own headers are (stddef.h, stdarg.h): those of the version it was built with, or of another.
const std::string& resource_directory() {
  static const std::string found = [] {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::is_directory(LOCKWRIGHT_CLANG_RESOURCES, error)) return std::string(LOCKWRIGHT_CLANG_RESOURCES);
    std::vector<std::string> others;
    for (const char* root : {"/usr/lib", "/usr/lib/clang", "/usr/lib64/clang", "/usr/local/lib/clang"}) {
      for (fs::directory_iterator each(root, error), end; !error && each != end; each.increment(error)) {
        const fs::path at = each->path();
        if (at.filename().string().starts_with("llvm-")) {
          const fs::path below = at / "lib/clang" / at.filename().string().substr(5);
          if (fs::is_directory(below / "include", error)) others.push_back(below);
        } else if (fs::exists(at / "include/stddef.h", error) && at.parent_path().filename() == "clang") {
          others.push_back(at);
        }
      }
      error.clear();
    }
    return others.empty() ? std::string() : *std::max_element(others.begin(), others.end());
  }();
  return found;
}

void run(Session& session, const std::string& path, const Command& command) {
  std::vector<std::string> words{"clang", "-fsyntax-only", "-working-directory=" + command.directory};
  if (!resource_directory().empty()) words.push_back("-resource-dir=" + resource_directory());
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  for (const char* each :
       {"-w", "-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-Wno-implicit-function-declaration",
        "-Wno-implicit-int", "-Wno-int-conversion", "-Wno-incompatible-function-pointer-types",
        "-Wno-return-type", "-Wno-c++11-narrowing", "-Wno-unknown-argument"}) {
    words.emplace_back(each);
  }
  words.emplace_back("--");
  words.push_back(path);
  std::vector<const char*> pointers;
  for (const std::string& each : words) pointers.push_back(each.c_str());

  Errors errors(session);
  const llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files =
      llvm::vfs::createPhysicalFileSystem().release();
  clang::CreateInvocationOptions options;
  options.RecoverOnError = true;
  options.VFS = files;
  clang::IgnoringDiagConsumer quiet;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &quiet, false);
  std::shared_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(pointers, options);
  if (invocation == nullptr) {
    session.outcome.failure = Failure::bad_command;
    return;
  }
  invocation->getDiagnosticOpts().ShowCarets = false;  // nor say how many errors there were
  invocation->getFrontendOpts().SkipFunctionBodies = true;
  invocation->getFrontendOpts().DisableFree = false;
  invocation->getLangOpts().CommentOpts.ParseAllComments = false;
  invocation->getPreprocessorOpts().addRemappedFile(
      path, llvm::MemoryBuffer::getMemBufferCopy(
                llvm::StringRef(session.input.text.data(), session.input.text.size()), path)
                .release());

  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&errors, false);
  // A header that is missing is no reason to stop.
  compiler.getDiagnostics().setFatalsAsError(true);
  compiler.getDiagnostics().setErrorLimit(0);
  compiler.createFileManager(files);
  Action action(session);
  compiler.ExecuteAction(action);
  if (!session.outcome.module) session.outcome.failure = Failure::bad_command;
}

#ifdef LOCKWRIGHT_SANITIZED

/// What Clang has allocated when it is left where it stands, is lost; that is no leak to be told of.
class Losses {
 public:
  Losses() { __lsan_disable(); }
  ~Losses() { __lsan_enable(); }
  Losses(const Losses&) = delete;
  Losses& operator=(const Losses&) = delete;
};

#else

/// A crash is survived where the signal's handler can run; when the stack has overflowed, it needs another
/// one.
class SignalStack {
 public:
  SignalStack() : memory_(size) {
    stack_t own{};
    own.ss_sp = memory_.data();
    own.ss_size = memory_.size();
    sigaltstack(&own, &before_);
  }
  ~SignalStack() { sigaltstack(&before_, nullptr); }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  static constexpr std::size_t size = 1U << 16;
  std::vector<char> memory_;
  stack_t before_{};
};

#endif

void survive_crashes() {
  llvm::CrashRecoveryContext::Enable();
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP}) {
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) != 0) continue;
    action.sa_flags |= SA_ONSTACK;
    sigaction(number, &action, nullptr);
  }
}

}  // namespace

std::string clang_version() {
  return CLANG_VERSION_STRING;
}

Outcome read(const cpp::Input& input, const std::string& path, const Command& command, double seconds) {
  static std::once_flag once;
  std::call_once(once, survive_crashes);
  Outcome result;
  bool late = false;
  llvm::CrashRecoveryContext recovery;
  const bool finished = recovery.RunSafelyOnThread(
      [&] {
#ifdef LOCKWRIGHT_SANITIZED
        const Losses losses;  // and there is a stack for signals
#else
        const SignalStack stack;
#endif
        Session session{
            .input = input, .deadline = Deadline(seconds, late), .errors = {}, .skipped = {}, .outcome = {}};
        run(session, path, command);
        result = std::move(session.outcome);
      },
      stack_size);
  if (!finished) return {.module = std::nullopt, .failure = late ? Failure::slow : Failure::crashed};
  return result;
}

}  // namespace lockwright::frontends::compiler
