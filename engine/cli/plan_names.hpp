#pragma once

#include "audit/plan.hpp"
#include "net/resolver.hpp"

namespace audit::cli {

/// Prints what the names of a plan lead to, and which of these addresses a run would ask: the resolvers are asked now, as
/// the run asks them, and nobody else is. All names together have audit::core::NameGuards::longest.
void print_names(const core::Plan& plan, const net::ResolverConfig& resolvers);

}  // namespace audit::cli
