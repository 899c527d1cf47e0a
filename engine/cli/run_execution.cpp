#include "cli/run_execution.hpp"

#include <functional>
#include <mutex>

#include "audit/run.hpp"
#include "cli/attendant.hpp"
#include "cli/credentials.hpp"
#include "cli/progress.hpp"
#include "cli/run_head.hpp"
#include "cli/run_history.hpp"
#include "cli/trace.hpp"
#include "cli/vantage.hpp"
#include "cli/version.hpp"
#include "inventory/time_zone.hpp"
#include "net/random_seed.hpp"

namespace audit::cli {
namespace {

/// Says what is recorded of the start.
void begin_recording(core::RunShared& shared, TranscriptSink& sink, const net::SystemNames& names, WallTime started) {
  shared.start.program = version;
  shared.start.plan = digest_of(shared.plan);
  shared.start.inventory = shared.plan.inventory->sha256;
  shared.start.seed = shared.plan.seed;
  shared.start.random_seed = net::random_key();
  shared.start.started = started;
  shared.start.earlier_run = shared.plan.earlier.run();
  shared.start.earlier_targets = shared.plan.earlier.bytes();
  shared.start.resolv_conf = names.resolv_conf;
  shared.start.hosts = names.hosts;
  const probe::Credentials& credentials = *shared.identity.credentials;
  for (auto& [name, secret] : credentials.secrets()) shared.start.credentials.emplace(name, probe::shape_of(secret));
  sink.start(forms_for(shared.start.credentials, credentials), credentials.written_forms());
  shared.recorder = &sink;
}

/// Why a run was stopped: the first reason counts, from whichever thread it comes.
class Stop {
 public:
  explicit Stop(core::Run& run) : run_(run) {}
  void operator()(const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      if (why_.empty()) why_ = why;
    }
    run_.stop();
  }
  [[nodiscard]] std::string why() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  core::Run& run_;
  mutable std::mutex mutex_;
  std::string why_;
};

/// From where it looked, and how: this machine, or the recorded one.
void describe_place(RunRecord& record, const RunMeans& means) {
  const net::Recording* const replayed = means.transcript.recording.get();
  if (replayed == nullptr) {
    describe_vantage(record);
    describe_user(record);
    return;
  }
  const bool same_plan = replayed->start().plan == digest_of(means.plan);
  adopt_recorded(record, *replayed, means.options.transcript.replay, same_plan);
}

/// Which run this is, before anything is asked; a replayed one is the one that was recorded.
void introduce(Collector& collector, const RunMeans& means, WallTime started, const Scrubber& scrubber) {
  RunRecord head;
  describe_start(head, started);
  if (means.journaling != nullptr) head.run.id = means.journaling->start().id;
  head.run.command = repeated_by(means.arguments, scrubber);
  const net::Recording* const replayed = means.transcript.recording.get();
  if (replayed != nullptr) {
    head.run.id = replayed->end().id;
    head.run.started = replayed->start().started;
    if (replayed->start().plan == digest_of(means.plan)) head.run.command = replayed->end().command;
  }
  collector.introduce(head);
  collector.tell(means.lines);
}

}  // namespace

Result<RunRecord> execute(const RunMeans& means) {
  const core::Plan& plan = means.plan;
  Journaling* const journaling = means.journaling;
  net::Recording* replayed = means.transcript.recording.get();
  net::SystemNames names;
  if (replayed == nullptr) {
    names = net::SystemNames::read();
  } else {
    names.resolv_conf = replayed->start().resolv_conf;
    names.hosts = replayed->start().hosts;
  }
  const net::ResolverConfig resolvers = resolvers_of(*plan.inventory, names);
  const probe::Identity identity = identity_of(*plan.inventory, means.options.sources.allow_commands,
                                               replayed == nullptr ? nullptr : &replayed->start().credentials);
  net::Rate rate(plan.inventory->limits.rate);
  Attendant::block_signals();
  const WallTime started = journaling == nullptr ? wall_now() : journaling->start().started;
  const Day today =
      inventory::day_in(plan.inventory->timezone, replayed == nullptr ? started : replayed->start().started);
  const Scrubber scrubber(identity.credentials->written_forms());
  Collector collector(plan, today, scrubber, [replayed](std::uint16_t port) {
    if (replayed == nullptr) return system_service(port);
    const auto named = replayed->end().services.find(port);
    return named == replayed->end().services.end() ? std::string() : named->second;
  });
  introduce(collector, means, started, scrubber);
  const std::unique_ptr<net::Tracer> tracer = make_tracer(means.options.trace, identity.credentials.get());
  core::RunShared shared(plan, rate, resolvers, identity, collector);
  shared.tracer = tracer.get();
  shared.recording = replayed;
  for (lua::OnCpu& shard : means.attempt.shards) shared.supervision.push_back({&shard, &means.attempt.stuck});
  if (means.transcript.sink) begin_recording(shared, *means.transcript.sink, names, started);
  if (journaling != nullptr) {
    const Result<std::uint64_t> restored = journaling->restore(shared);
    if (!restored) return restored.error();
  }
  core::Run run(shared, core::measure_machinery());
  Progress progress(collector.live(), plan.expansion->size(), means.options.quiet || tracer != nullptr);
  Stop stop(run);
  if (journaling != nullptr)
    journaling->begin(collector, scrubber, [&stop](const Error&) { stop("a fault of the history"); });
  core::RunOutcome outcome;
  {
    const Attendant attendant(
        std::ref(stop), [&] { progress.draw(); }, means.limit);
    outcome = run.execute();
  }
  if (journaling != nullptr) {
    journaling->end(collector);
    outcome.counters += journaling->journal().counted_before();
  }
  progress.clear();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  RunRecord record = collector.finish(outcome);
  for (const std::string& death : means.attempt.deaths) record.notices.push_back(notice_of_new_beginning(death));
  record.notices.insert(record.notices.end(), means.attempt.notices.begin(), means.attempt.notices.end());
  describe_finish(record, stop.why(), plan.inventory->timezone);
  describe_resolvers(record, resolvers);
  describe_place(record, means);
  record.run.complete = record.run.stopped_by.empty();
  record.assess_controls();
  return record;
}

}  // namespace audit::cli
