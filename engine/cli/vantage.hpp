#pragma once

#include "base/run_record.hpp"
#include "net/resolver.hpp"

namespace audit::cli {

/// From where the run looked: host name, source addresses, resolvers.
void describe_vantage(RunRecord& record, const net::ResolverConfig& resolvers);

}  // namespace audit::cli
