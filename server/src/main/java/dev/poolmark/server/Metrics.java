package dev.poolmark.server;

import dev.poolmark.server.cluster.Bus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code /metrics} tells of the process, and how it tells of requests. */
final class Metrics {

  private static final String RESPONSE_TIME = "vertx.http.server.response.time";

  /** In seconds: from an answer out of memory to a large body that is pooled. */
  private static final double[] RESPONSE_BUCKETS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60
  };

  private static final String ROUTE = "route";

  private Metrics() {}

  /**
   * @param node the name that each figure has as a label, where there may be other nodes
   */
  static PrometheusMeterRegistry registry(Optional<String> node) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    node.ifPresent(name -> registry.config().commonTags("node", name));
    registry.config().meterFilter(lastRoute()).meterFilter(responseBuckets());
    List<MeterBinder> process =
        List.of(
            new JvmInfoMetrics(),
            new JvmMemoryMetrics(),
            new JvmGcMetrics(),
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics());
    process.forEach(binder -> binder.bindTo(registry));
    build(registry);
    return registry;
  }

  private static void build(MeterRegistry registry) {
    String version = Metrics.class.getPackage().getImplementationVersion();
    Gauge.builder("poolmark.build.info", () -> 1)
        .description("Always 1; the labels tell which Poolmark this is")
        .tag("version", version == null ? "unknown" : version)
        .tag("java", Runtime.version().toString())
        .register(registry);
  }

  /** Tells of the bus, where there is one. */
  static void tellOf(Bus bus, MeterRegistry registry) {
    Gauge.builder("poolmark.bus.members", bus::members)
        .description("How many nodes hear each other now, this one included")
        .register(registry);
  }

  static MicrometerMetricsOptions options() {
    return new MicrometerMetricsOptions()
        .setEnabled(true)
        .setLabels(
            EnumSet.of(
                Label.HTTP_ROUTE,
                Label.HTTP_METHOD,
                Label.HTTP_CODE,
                Label.POOL_TYPE,
                Label.POOL_NAME));
  }

  /** A request passes several routes; the last one answers it. */
  private static MeterFilter lastRoute() {
    return MeterFilter.replaceTagValues(
        ROUTE, passed -> Stream.of(passed.split(">")).reduce("", (one, next) -> next));
  }

  private static MeterFilter responseBuckets() {
    double[] nanos = new double[RESPONSE_BUCKETS.length];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = RESPONSE_BUCKETS[i] * Duration.ofSeconds(1).toNanos();
    }
    return new MeterFilter() {
      @Override
      public DistributionStatisticConfig configure(
          Meter.Id id, DistributionStatisticConfig config) {
        return id.getName().equals(RESPONSE_TIME)
            ? DistributionStatisticConfig.builder()
                .serviceLevelObjectives(nanos)
                .build()
                .merge(config)
            : config;
      }
    };
  }
}
