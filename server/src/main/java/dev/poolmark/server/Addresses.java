package dev.poolmark.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where others reach a server. */
final class Addresses {

  private static final Set<String> ANY = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

  private Addresses() {}

  /** Its URL; one that listens everywhere is named by the first address of this machine. */
  static String url(ServerOptions options, int port) {
    String host = ANY.contains(options.host()) ? own() : options.host();
    return String.format(
        Locale.ROOT,
        "%s://%s:%d/",
        options.tls().isPresent() ? "https" : "http",
        host.contains(":") ? "[" + host + "]" : host,
        port);
  }

  private static String own() {
    @Nullable String other = null;
    try {
      for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        Enumeration<InetAddress> all = network.getInetAddresses();
        while (network.isUp() && all.hasMoreElements()) {
          InetAddress address = all.nextElement();
          boolean reached = !address.isLoopbackAddress() && !address.isLinkLocalAddress();
          if (reached && address instanceof Inet4Address) {
            return address.getHostAddress();
          } else if (reached) {
            other = address.getHostAddress();
          }
        }
      }
    } catch (SocketException e) {
      return "127.0.0.1";
    }
    return other == null ? "127.0.0.1" : other;
  }
}
