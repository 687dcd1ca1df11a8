package dev.poolmark.server.text;

/** A batch that came to nothing; the message is the finding, one line. */
public final class EncoderFault extends RuntimeException {
  EncoderFault(String finding) {
    super(finding, null, false, false);
  }
}
