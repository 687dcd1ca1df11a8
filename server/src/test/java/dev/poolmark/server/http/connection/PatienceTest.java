package dev.poolmark.server.http.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Netty's own channel without a network, whose clock the test moves. */
class PatienceTest {

  private static final String HEAD = "POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n";

  private final EmbeddedChannel channel =
      new EmbeddedChannel(new HttpRequestDecoder(), new HttpResponseEncoder(), new Patience());

  PatienceTest() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aSilentClientIsLeft() {
    assertTrue(staysFor(Patience.FIRST_HEAD_SECONDS - 1));
    assertFalse(staysFor(2));
  }

  @Test
  void aTricklingHeadIsNotWaitedForAnyLonger() {
    send("GET / HTTP/1.1\r\n");
    long seconds = 0;
    while (channel.isOpen()) {
      send("X-Trickle: a\r\n");
      staysFor(1);
      seconds++;
    }
    assertEquals(Patience.FIRST_HEAD_SECONDS, seconds);
  }

  @Test
  void aTricklingBodyIsNotWaitedForMuchLonger() {
    send(HEAD);
    long seconds = 0;
    while (channel.isOpen()) {
      send("a");
      staysFor(1);
      seconds++;
    }
    assertEquals(Patience.BODY_SECONDS, seconds, 1);
  }

  @Test
  void aSlowBodyThatGoesOnIsWaitedFor() {
    send("POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 1000; i++) {
      send("a".repeat((int) Patience.BODY_BYTES_A_SECOND));
      assertTrue(staysFor(1));
    }
  }

  @Test
  void aBodyThatTheServerDoesNotReadYetIsNotHeldAgainstTheClient() {
    send(HEAD);
    channel.config().setAutoRead(false);
    assertTrue(staysFor(10_000));
    channel.config().setAutoRead(true);
    assertFalse(staysFor(Patience.BODY_SECONDS + 1));
  }

  @Test
  void workMayTakeHowLongItWill() {
    send("GET / HTTP/1.1\r\n\r\n");
    assertTrue(staysFor(100_000));
    answer();
    assertTrue(staysFor(Patience.NEXT_HEAD_SECONDS - 1));
    assertFalse(staysFor(2));
  }

  @Test
  void workOnOneRequestOfSeveralMayTakeHowLongItWill() {
    send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    answer();
    assertTrue(staysFor(100_000));
    answer();
    assertFalse(staysFor(Patience.NEXT_HEAD_SECONDS + 1));
  }

  @Test
  void aWordThatTheBodyMayComeIsNoAnswer() {
    send(HEAD);
    channel.writeOutbound(
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    send("a".repeat(1_000_000));
    assertTrue(staysFor(100_000));
  }

  @Test
  void aWebSocketStaysOpen() {
    send("GET / HTTP/1.1\r\n\r\n");
    channel.writeOutbound(
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS));
    assertTrue(staysFor(100_000));
  }

  @Test
  void eventsMayBeSilent() {
    send("GET / HTTP/1.1\r\n\r\n");
    channel.writeOutbound(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    assertTrue(staysFor(100_000));
  }

  private void send(String text) {
    if (channel.isOpen()) {
      channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
      channel.inboundMessages().forEach(ReferenceCountUtil::release);
      channel.inboundMessages().clear();
    }
  }

  private void answer() {
    channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
  }

  /** Whether the channel is still open after so many seconds. */
  private boolean staysFor(long seconds) {
    for (long i = 0; i < seconds && channel.isOpen(); i++) {
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      channel.runPendingTasks();
    }
    return channel.isOpen();
  }
}
