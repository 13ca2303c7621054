// Findings from evidence.
//
// The same steps are seen in every function that calls, however indirectly, the one where they come together;
// the finding belongs to that one. So the calls that all steps of the witness share are cut off, and of equal
// findings the one with the shortest way is kept.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rules/rule.h"

namespace lockwright::rules {
namespace {

using Calls = std::vector<const paths::CallChain*>;

Calls calls_of(const paths::CallChainPtr& chain) {
  Calls calls;
  for (const paths::CallChain* call = chain.get(); call != nullptr; call = call->inner.get())
    calls.push_back(call);
  return calls;
}

std::size_t shared_calls(const std::vector<Calls>& all) {
  std::size_t shared = 0;
  for (; !all.empty(); ++shared) {
    const bool ends = std::any_of(all.begin(), all.end(), [&](const Calls& calls) {
      return calls.size() <= shared || calls[shared]->range != all[0][shared]->range;
    });
    if (ends) break;
  }
  return shared;
}

/// The repair as the function sees it in which the steps come together; none if a step is outside of it.
std::optional<findings::Repair> repair_of(const Evidence& evidence, const Calls& shared) {
  if (!evidence.repair) return std::nullopt;
  findings::Repair repair{.kind = *evidence.repair, .places = {}};
  bool callers = false;
  for (const paths::Step* step : evidence.repair_steps) {
    const Calls through = calls_of(step->through);
    const bool inside =
        std::equal(shared.begin(), shared.end(), through.begin(),
                   through.begin() + static_cast<std::ptrdiff_t>(std::min(shared.size(), through.size())),
                   [](const paths::CallChain* left, const paths::CallChain* right) {
                     return left->range == right->range;
                   });
    if (!inside) {
      if (repair.kind != findings::RepairKind::release_in_finally || repair.places.empty())
        return std::nullopt;
      callers = true;
      continue;
    }
    findings::Place place{.range = step->range, .through = {}};
    for (std::size_t i = shared.size(); i < through.size(); ++i) place.through.push_back(through[i]->range);
    repair.places.push_back(std::move(place));
  }
  if (!callers) return repair;
  // It is the callers who release: here, the lock is given up only when what follows the acquire fails.
  if (repair.places.size() > 1) return std::nullopt;
  repair.kind = findings::RepairKind::release_on_failure;
  return repair;
}

}  // namespace

void Reporter::report(const Evidence& evidence, std::string message, std::string help,
                      findings::Severity severity) {
  const ir::Function& function = *evidence.function->function;
  std::vector<Calls> calls;
  for (const std::size_t index : evidence.steps)
    calls.push_back(calls_of(evidence.path->steps[index].through));
  if (!evidence.exit_text.empty()) calls.push_back(calls_of(evidence.path->exit_through));
  const std::size_t shared = shared_calls(calls);

  findings::Finding finding;
  finding.rule = rule_id;
  finding.rule_name = rule_name;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.help = std::move(help);
  finding.function = shared == 0 ? function.qualified_name : calls[0][shared - 1]->callee;
  std::size_t weight = 0;
  const auto add = [&](source::Range range, std::string text, const Calls& through) {
    findings::Step step{.range = range, .text = std::move(text)};
    for (std::size_t i = shared; i < through.size(); ++i) step.through.push_back(through[i]->range);
    weight += 1 + step.through.size();
    finding.witness.push_back(std::move(step));
  };
  for (std::size_t i = 0; i < evidence.steps.size(); ++i) {
    const paths::Step& step = evidence.path->steps[evidence.steps[i]];
    std::string text;
    for (const auto& [position, own] : evidence.texts) {
      if (position == i) text = own;
    }
    add(step.range, text.empty() ? describe(analysis_, function, step) : text, calls[i]);
  }
  if (!evidence.exit_text.empty()) add(evidence.path->exit_range, evidence.exit_text, calls.back());
  const findings::Step& primary = finding.witness[evidence.primary];
  finding.primary = primary.through.empty() ? primary.range : primary.through.front();
  Calls common = calls[0];
  common.resize(shared);
  finding.repair = repair_of(evidence, common);

  keep(std::move(finding), weight + shared * 100);
}

void Reporter::report(const Interleaving& interleaving, std::string message, std::string help,
                      findings::Severity severity) {
  findings::Finding finding;
  finding.rule = rule_id;
  finding.rule_name = rule_name;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.help = std::move(help);
  std::size_t weight = 0;
  for (const Interleaving::Act& act : interleaving.acts) {
    // The calls that all acts of one function share show nothing.
    std::vector<Calls> calls;
    for (const Interleaving::Act& other : interleaving.acts) {
      if (other.deed.function == act.deed.function) calls.push_back(calls_of(other.deed.at().through));
    }
    const std::size_t shared = shared_calls(calls);
    const Calls through = calls_of(act.deed.at().through);
    findings::Step step{.range = act.deed.at().range, .text = act.text, .actor = act.actor};
    for (std::size_t i = shared; i < through.size(); ++i) step.through.push_back(through[i]->range);
    weight += 1 + step.through.size() + shared * 100;
    finding.witness.push_back(std::move(step));
  }
  // Where it is done, whoever calls it, unless the rule knows better: the repair is needed there.
  const Deed& primary = interleaving.acts[interleaving.primary].deed;
  const Calls through = calls_of(primary.at().through);
  const std::size_t calls = std::min(interleaving.calls, through.size());
  finding.function = calls == 0 ? primary.function->function->qualified_name : through[calls - 1]->callee;
  finding.primary = calls == through.size() ? primary.at().range : through[calls]->range;
  keep(std::move(finding), weight);
}

/// Of equal findings, the one with the shorter way.
void Reporter::keep(findings::Finding finding, std::size_t weight) {
  std::string key = fmt::format("{} {} {} {}", rule_id, static_cast<std::uint32_t>(finding.primary.file),
                                finding.primary.begin, finding.primary.end);
  const auto same =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  if (same == entries_.end()) {
    entries_.push_back({std::move(key), weight, std::move(finding)});
  } else if (weight < same->weight) {
    same->weight = weight;
    same->finding = std::move(finding);
  }
}

std::vector<findings::Finding> Reporter::take() {
  std::vector<findings::Finding> result;
  for (Entry& entry : entries_) result.push_back(std::move(entry.finding));
  entries_.clear();
  return result;
}

}  // namespace lockwright::rules
