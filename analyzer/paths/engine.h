// The engine: every function's paths, seen through calls, across files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analyzer/models/model.h"
#include "analyzer/paths/path.h"
#include "analyzer/paths/program.h"
#include "analyzer/paths/weight.h"

namespace lockwright::paths {

/// What a caller knows about a callee's inputs beyond their names: constants, function values, classes.
/// A summary is made once for each context that makes a difference.
struct Context {
  std::string receiver_type;                                  ///< "" : the class that defines the method
  std::vector<std::pair<std::uint32_t, ir::Term>> constants;  ///< parameter, its value
  std::vector<std::pair<std::uint32_t, std::string>> types;   ///< parameter, its class
  std::vector<std::pair<ir::Term, ir::Term>>
      places;             ///< variable of an enclosing function or field of the receiver, its value
  bool imported = false;  ///< a module's own code: it is not the program that was started
  friend auto operator<=>(const Context&, const Context&) = default;
};

/// Values that hold in every execution, for fields of a class (in terms of its `self`) or globals of a
/// module.
struct Invariants {
  std::unordered_map<ir::Term, ir::Term> values;
  std::unordered_map<ir::Term, std::string> types;
};

/// Bounds of the analysis. What they cut off is counted.
struct Limits {
  std::size_t states_before_coarse = 4;  ///< more states than these forget values of no consequence
  std::size_t states_per_block = 12;
  /// Of a function so long that all of its instructions in all states are more than this, fewer states are
  /// kept; never fewer than `states_of_long_functions`.
  std::size_t instructions_in_states = 1000;
  std::size_t steps_in_states = 2000;  ///< likewise, of paths so long
  std::size_t states_of_long_functions = 4;
  std::size_t paths_per_summary = 16;
  std::size_t paths_laid_out = 48;     ///< of a callee at one call, in all states that its caller is in
  std::size_t paths_in_any_state = 4;  ///< of a callee, in however many states
  std::size_t contexts_per_function = 8;
  /// Where functions call each other in circles, what was found out while one of them ran is found out anew.
  std::size_t runs_per_function = 40;
  std::size_t runs_in_circles = 2;  ///< in one context; what the last of them found out is kept
  std::size_t instructions_per_function = 10'000;
  int loop_visits = 2;  ///< a loop's body runs zero, one and so many times
};

/// Computes and keeps summaries. Not thread-safe.
class Engine {
 public:
  Engine(Program& program, const models::Models& models, Limits limits = {});
  ~Engine();

  /// The paths of `function`; null for what only declares it, and while it is being computed further up
  /// (recursion through others). A
  /// function that calls itself sees there the paths on which it does not.
  std::shared_ptr<const Summary> summary(FunctionId function, const Context& context = {});
  /// The summary without context as it is for whoever awaits what the function returns.
  std::shared_ptr<const Summary> awaited_summary(FunctionId function);

  /// The program has grown, or modules have been replaced: forgets what was found out on assumptions that do
  /// not hold any more, and returns the functions whose summary without a context is among that.
  std::set<FunctionId> update();

  /// What is always true of the fields of `type`, of the globals of `module`.
  const Invariants& invariants_of_class(ClassId type);
  const Invariants& invariants_of_module(std::string_view module);

  /// The class of the object that `term` names, "" when nothing says it; `self_type` is the class of self.
  std::string type_of(ir::Term term, std::string_view self_type, const Effects& store);
  void set_site_type(ir::Term fresh, std::string_view type);
  void set_term_type(ir::Term term, std::string_view type);

  /// A fresh term's context for a call at `site` in the `repetition`th round of the loops around it.
  std::uint32_t context(std::uint32_t site, std::uint32_t repetition, std::uint32_t inner);

  [[nodiscard]] Program& program() { return program_; }
  [[nodiscard]] const models::Models& models() const { return models_; }
  /// The bounds for `function`: narrow ones when it does little, or is long.
  [[nodiscard]] Limits limits_for(FunctionId function);

  [[nodiscard]] std::size_t path_count() const { return path_count_; }
  [[nodiscard]] std::size_t truncated_count() const { return truncated_count_; }

 private:
  using Key = std::pair<FunctionId, Context>;
  /// What was found out, and what was taken for granted.
  template <typename Value>
  struct Finding {
    Value value;
    std::vector<Assumptions::Id> assumed;
  };
  template <typename What, typename Value>
  const Value& known(const std::map<What, std::size_t>& provisional, const What& what,
                     const Finding<Value>& finding);
  Context without_counters(const Key& key);
  void forget(const Summary& summary);
  void settle(std::size_t depth);
  void forget_replaced_values();
  void find_stored_places();
  void find_stored_places_of(FunctionId function);
  void find_weights();
  Assumptions::Id weight_of(FunctionId function);
  Assumptions::Id not_stored(std::string_view field);
  Assumptions::Id stored_once(ir::Term global);
  bool is_stored_elsewhere(std::string_view field);
  bool is_stored_once(ir::Term global);
  std::string declared_type(ir::Term type);

  Program& program_;
  const models::Models& models_;
  Limits limits_;
  Limits reading_limits_;  ///< of functions that only read
  Limits light_limits_;    ///< of functions that do nothing with files or locks
  std::optional<Weights> weights_;
  std::size_t weights_revision_ = 0;
  std::vector<Assumptions::Id> weight_assumptions_;  ///< by function
  std::map<Key, Finding<std::shared_ptr<const Summary>>> summaries_;
  struct Made {
    std::map<Context, std::size_t> contexts;  ///< how often each
    std::size_t runs = 0;
  };
  std::map<FunctionId, Made> made_;
  /// Of functions that call themselves, while they are being computed: what is known of them so far.
  std::map<Key, std::shared_ptr<const Summary>> first_rounds_;
  std::set<Key> recursive_;
  std::vector<Key> running_;
  std::map<ClassId, Finding<Invariants>> class_invariants_;
  std::map<std::string, Finding<Invariants>, std::less<>> module_invariants_;
  /// What is being found out, and how many functions were running when that began.
  std::map<ClassId, std::size_t> running_classes_;
  std::map<std::string, std::size_t> running_modules_;
  /// The outermost running function that what is being found out now hangs on.
  static constexpr std::size_t nothing_reached = static_cast<std::size_t>(-1);
  std::size_t reached_ = nothing_reached;
  /// What holds only until the running function of this number has ended.
  std::map<Key, std::size_t> provisional_;
  std::map<ClassId, std::size_t> provisional_classes_;
  std::map<std::string, std::size_t> provisional_modules_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t> contexts_;
  std::unordered_map<std::uint32_t, std::string> site_types_;
  std::unordered_map<ir::Term, std::string> term_types_;
  std::unordered_set<std::string_view> stores_elsewhere_;  ///< fields, by name: outside of constructors
  std::unordered_map<ir::Term, int> global_stores_;
  std::size_t stores_known_of_ = 0;
  std::size_t stores_revision_ = 0;
  std::vector<Assumptions::Id> fallen_;  ///< assumptions about stores that do not hold any more
  std::size_t path_count_ = 0;
  std::size_t truncated_count_ = 0;
};

}  // namespace lockwright::paths
