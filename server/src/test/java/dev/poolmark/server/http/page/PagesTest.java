package dev.poolmark.server.http.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.poolmark.server.http.access.Access;
import dev.poolmark.server.http.access.Login;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.junit5.VertxExtension;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PagesTest {

  /** Every other route is made from the contract, and from nothing else. */
  @Test
  void besidesTheContractThereAreOnlyThePageAndItsParts(Vertx vertx) {
    Router router = Router.router(vertx);
    Pages.mount(router);
    new Login(new Access()).mount(router, failed -> {});
    assertEquals(
        Set.of("/", "/docs", "/login", "/logout", "/favicon.ico", "/page/", "/page-lib/chart.js/"),
        router.getRoutes().stream().map(Route::getPath).collect(Collectors.toSet()));
  }
}
