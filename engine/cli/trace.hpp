#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "net/tracer.hpp"
#include "probe/credentials.hpp"

namespace audit::cli {

/// --trace and --trace=bytes.
void add_trace_option(CLI::App& command, std::string& trace);

/// What --trace asks for, written on standard error with these secrets masked; null where it was not given.
[[nodiscard]] std::unique_ptr<net::Tracer> make_tracer(const std::string& trace, const probe::Credentials* secrets);

}  // namespace audit::cli
