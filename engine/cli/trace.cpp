#include "cli/trace.hpp"

#include <cstdio>

namespace audit::cli {

void add_trace_option(CLI::App& command, std::string& trace) {
  command
      .add_flag("--trace{lines}", trace,
                "A line on standard error for each probe, with times and byte counts; --trace=bytes what was said too")
      ->check(CLI::IsMember({"lines", "bytes"}));
}

std::unique_ptr<net::Tracer> make_tracer(const std::string& trace, const probe::Credentials* secrets) {
  if (trace.empty()) return nullptr;
  auto tracer = std::make_unique<net::Tracer>(
      trace == "bytes" ? net::Tracer::Detail::bytes : net::Tracer::Detail::lines,
      [](const std::string& lines) { std::fwrite(lines.data(), 1, lines.size(), stderr); });
  if (secrets != nullptr)
    for (std::string& form : secrets->written_forms()) tracer->hide(std::move(form));
  return tracer;
}

}  // namespace audit::cli
