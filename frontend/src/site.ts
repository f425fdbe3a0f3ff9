import "./styles/site.scss";
