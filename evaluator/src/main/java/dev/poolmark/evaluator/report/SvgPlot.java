package dev.poolmark.evaluator.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A small plot as inline SVG. What a point is, a browser shows where the mouse is. Colours are the
 * page's: {@code .dot}, {@code .mark}, {@code .line}, {@code .axis}, {@code .rule}.
 */
final class SvgPlot {

  private static final int LEFT = 56;
  private static final int RIGHT = 16;
  private static final int TOP = 30;
  private static final int BOTTOM = 48;
  private static final int TICKS = 5;

  /** A point; where low and high differ, with an interval. */
  private record Point(double x, double low, double y, double high, String title, boolean marked) {}

  private final String xLabel;
  private final String yLabel;
  private final List<Point> points = new ArrayList<>();
  private List<String> categories = List.of();
  private int width = 640;
  private int height = 300;

  SvgPlot(String xLabel, String yLabel) {
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  SvgPlot small() {
    width = 330;
    height = 220;
    return this;
  }

  /** Names in the place of the numbers 0, 1, 2 and so on. */
  SvgPlot categories(List<String> names) {
    categories = List.copyOf(names);
    return this;
  }

  void add(double x, double y, String title) {
    points.add(new Point(x, y, y, y, title, false));
  }

  void mark(double x, double y, String title) {
    points.add(new Point(x, y, y, y, title, true));
  }

  void interval(double x, double low, double y, double high, String title) {
    points.add(new Point(x, low, y, high, title, true));
  }

  /** The points; nothing where there are none. */
  String points() {
    return points.isEmpty() ? "" : drawn(frame(Double.NaN), "");
  }

  /** The same with a line of steps from each point to the next, and to an end. */
  String steps(double end) {
    if (points.isEmpty()) {
      return "";
    }
    Frame frame = frame(end);
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(path.isEmpty() ? "M" : "H").append(number(frame.x(point.x())));
      path.append(path.indexOf("H") < 0 ? "," : "V").append(number(frame.y(point.y())));
    }
    path.append("H").append(number(frame.x(end)));
    return drawn(frame, line(path));
  }

  /** The same with a line through those that no other is better than in both respects. */
  String front() {
    if (points.isEmpty()) {
      return "";
    }
    Frame frame = frame(Double.NaN);
    StringBuilder path = new StringBuilder();
    double best = Double.NEGATIVE_INFINITY;
    for (Point point :
        points.stream().sorted(Comparator.comparingDouble(Point::x).reversed()).toList()) {
      if (point.y() > best) {
        best = point.y();
        path.append(path.isEmpty() ? "M" : "L")
            .append(number(frame.x(point.x())))
            .append(',')
            .append(number(frame.y(point.y())));
      }
    }
    return drawn(frame, line(path));
  }

  private static String line(StringBuilder path) {
    return "<path class=\"line\" d=\"" + path + "\"/>";
  }

  private record Frame(double minX, double maxX, double minY, double maxY, int width, int height) {
    double x(double value) {
      return LEFT + (value - minX) / (maxX - minX) * (width - LEFT - RIGHT);
    }

    double y(double value) {
      return height - BOTTOM - (value - minY) / (maxY - minY) * (height - BOTTOM - TOP);
    }
  }

  private Frame frame(double end) {
    double minX = points.stream().mapToDouble(Point::x).min().orElseThrow();
    double maxX = points.stream().mapToDouble(Point::x).max().orElseThrow();
    double minY = points.stream().mapToDouble(Point::low).min().orElseThrow();
    double maxY = points.stream().mapToDouble(Point::high).max().orElseThrow();
    double roomX = room(minX, maxX);
    double roomY = room(minY, maxY);
    if (!categories.isEmpty()) {
      minX = 0;
      maxX = categories.size() - 1;
      roomX = 0.5;
    } else if (Double.isFinite(end)) {
      return new Frame(0, Math.max(end, maxX), minY - roomY, maxY + roomY, width, height);
    }
    return new Frame(minX - roomX, maxX + roomX, minY - roomY, maxY + roomY, width, height);
  }

  /** On either side of the values; as much that the numbers at the axis differ. */
  private static double room(double min, double max) {
    double least = Math.max(Math.abs(min), Math.abs(max)) < 1 ? 0.01 : 0.1;
    return Math.max(least, 0.05 * (max - min));
  }

  private String drawn(Frame frame, String inside) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>%s by %s</title>",
            width,
            height,
            width,
            height,
            TuneHtml.escaped(yLabel),
            TuneHtml.escaped(xLabel)));
    axes(svg, frame);
    svg.append(inside);
    points.forEach(point -> draw(svg, frame, point));
    return svg.append("</svg>").toString();
  }

  private void axes(StringBuilder svg, Frame frame) {
    for (double y : ticks(frame.minY(), frame.maxY())) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path class=\"rule\" d=\"M%d,%.1fH%d\"/>",
              LEFT,
              frame.y(y),
              width - RIGHT));
      text(svg, LEFT - 6, frame.y(y) + 4, "end", tick(y));
    }
    if (categories.isEmpty()) {
      for (double x : ticks(frame.minX(), frame.maxX())) {
        text(svg, frame.x(x), height - BOTTOM + 16, "middle", tick(x));
      }
    } else {
      IntStream.range(0, categories.size()).forEach(i -> category(svg, frame, i));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<path class=\"axis\" d=\"M%d,%dV%dH%d\"/>",
            LEFT,
            TOP,
            height - BOTTOM,
            width - RIGHT));
    text(svg, (LEFT + width - RIGHT) / 2.0, height - 6, "middle", xLabel);
    text(svg, 4, 14, "start", yLabel);
  }

  /** Names that would run into each other stand in two lines in turn. */
  private void category(StringBuilder svg, Frame frame, int i) {
    double room = (double) (width - LEFT - RIGHT) / categories.size();
    boolean crowded = categories.stream().anyMatch(name -> 6.5 * name.length() > room);
    double y = height - BOTTOM + (crowded && i % 2 == 1 ? 28 : 15);
    text(svg, frame.x(i), y, "middle", categories.get(i));
  }

  private static void draw(StringBuilder svg, Frame frame, Point point) {
    if (point.low() < point.high()) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path class=\"interval\" d=\"M%.1f,%.1fV%.1f\"/>",
              frame.x(point.x()),
              frame.y(point.low()),
              frame.y(point.high())));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"><title>%s: %s</title></circle>",
            point.marked() ? "mark" : "dot",
            frame.x(point.x()),
            frame.y(point.y()),
            point.marked() ? 6 : 4,
            TuneHtml.escaped(point.title()),
            tick(point.y())));
  }

  /** Round numbers within a range. */
  private static double[] ticks(double from, double to) {
    double rough = (to - from) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power * (rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
    return IntStream.rangeClosed((int) Math.ceil(from / step), (int) Math.floor(to / step))
        .mapToDouble(i -> i * step)
        .toArray();
  }

  /** Bars from zero, a line each. */
  static String bars(Map<String, Double> values, String title) {
    double most = values.values().stream().mapToDouble(Math::abs).max().orElse(1);
    StringBuilder svg = new StringBuilder();
    int height = 30 + 22 * values.size();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 640 %d\" width=\"640\" height=\"%d\" role=\"img\"><title>%s</title>",
            height,
            height,
            TuneHtml.escaped(title)));
    text(svg, 4, 16, "start", title);
    int y = 30;
    for (Map.Entry<String, Double> bar : values.entrySet()) {
      double length = most > 0 ? 340 * Math.max(0, bar.getValue()) / most : 0;
      text(svg, 195, y + 13, "end", bar.getKey());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"bar\" x=\"200\" y=\"%d\" width=\"%.1f\" height=\"16\"/>",
              y,
              length));
      text(svg, 206 + length, y + 13, "start", tick(bar.getValue()));
      y += 22;
    }
    return svg.append("</svg>").toString();
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
            x,
            y,
            anchor,
            TuneHtml.escaped(text)));
  }

  /** As many digits as tell it from its neighbours, and no more. */
  private static String tick(double value) {
    if (value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    String text = String.format(Locale.ROOT, Math.abs(value) < 1 ? "%.3f" : "%.2f", value);
    return text.replaceAll("0+$", "");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
