package org.example.kotlin

import dev.poolmark.api.Pooler
import dev.poolmark.api.PoolerOption
import dev.poolmark.api.PoolerOptions
import dev.poolmark.api.PoolerProvider
import dev.poolmark.api.TorchPooler

/** The sum of the tokens, each of its numbers raised to an odd power; padding rows add zero. */
class PowerSum : PoolerProvider {

    override fun name() = "power_sum"

    override fun summary() = "the sum of the tokens' numbers, raised to an odd power"

    override fun options(): List<PoolerOption> =
        listOf(PoolerOption.integer("power", 3, "1, 3, 5 and so on"))

    override fun create(options: PoolerOptions): Pooler {
        val power = options.integer("power")
        require(power > 0 && power % 2 == 1) { "power: expected an odd number, found $power" }
        return TorchPooler.of(options.inputDim(), "return torch.sum(torch.pow(x, $power), [1])")
    }
}
