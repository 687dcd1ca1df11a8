package dev.poolmark.server.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.config.properties.PropertyDefinition;
import com.hazelcast.logging.ILogger;
import com.hazelcast.spi.discovery.AbstractDiscoveryStrategy;
import com.hazelcast.spi.discovery.DiscoveryNode;
import com.hazelcast.spi.discovery.DiscoveryStrategy;
import com.hazelcast.spi.discovery.DiscoveryStrategyFactory;
import com.hazelcast.spi.discovery.SimpleDiscoveryNode;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells Hazelcast where the other nodes are: it asks when it starts, and again after a cut. */
final class NodeFinder implements DiscoveryStrategyFactory {

  private static final Logger LOG = LoggerFactory.getLogger(NodeFinder.class);

  private final Membership membership;

  NodeFinder(Membership membership) {
    this.membership = membership;
  }

  @Override
  public Class<? extends DiscoveryStrategy> getDiscoveryStrategyType() {
    return InDatabase.class;
  }

  @Override
  public DiscoveryStrategy newDiscoveryStrategy(
      @Nullable DiscoveryNode own, ILogger logger, Map<String, Comparable> properties) {
    return new InDatabase(logger, properties, membership);
  }

  @Override
  public Collection<PropertyDefinition> getConfigurationProperties() {
    return List.of();
  }

  private static final class InDatabase extends AbstractDiscoveryStrategy {

    private final Membership membership;
    private List<DiscoveryNode> found = List.of();

    InDatabase(ILogger logger, Map<String, Comparable> properties, Membership membership) {
      super(logger, properties);
      this.membership = membership;
    }

    /** While the database is away, those that were there before. */
    @Override
    public Iterable<DiscoveryNode> discoverNodes() {
      try {
        List<DiscoveryNode> nodes = new ArrayList<>();
        for (HostAndPort place : membership.table().others(membership.seat()).values()) {
          nodes.add(node(place));
        }
        found = nodes;
      } catch (IOException e) {
        LOG.debug("the other nodes can't be looked up", e);
      }
      return found;
    }

    private static DiscoveryNode node(HostAndPort place) throws UnknownHostException {
      return new SimpleDiscoveryNode(new Address(place.host(), place.port()));
    }
  }
}
